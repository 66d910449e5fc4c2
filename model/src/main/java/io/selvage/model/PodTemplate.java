package io.selvage.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Pods of one origin are like, as far as a mesh looks at it: a Pod that was written or exists,
 * or the template of a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob; or what the
 * machines of a {@code networking.istio.io/v1.WorkloadGroup} are like, whose ports are the numbers
 * that they have for services' ports by name. It configures nothing of the mesh, so it is no {@link
 * Resource}.
 *
 * @param kind whose it is, such as {@code Deployment}
 * @param name the Deployment's, or the Pod's
 * @param labels the Pods'
 * @param annotations the Pods'
 * @param containers their names, init containers included
 * @param routes whether their only program is a proxy that is told to take connections of its own
 * @param hostNetwork whether the Pods have no network of their own
 * @param addresses of a Pod that runs
 * @param owner who made the object, {@code ReplicaSet/web-5d4}
 * @param over a Pod that has come to its end, or a ReplicaSet whose owner has gone on to another
 */
public record PodTemplate(
    String kind,
    String namespace,
    String name,
    Map<String, String> labels,
    Map<String, String> annotations,
    String serviceAccount,
    List<Port> ports,
    List<String> containers,
    boolean routes,
    boolean hostNetwork,
    List<String> addresses,
    Optional<String> owner,
    boolean over,
    SourceLocation at) {
  /** The kind of what is no Pod but a machine. */
  public static final String WORKLOAD_GROUP = "WorkloadGroup";

  private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";
  private static final String PROXY = "istio-proxy";
  private static final String TEMPLATES = "inject.istio.io/templates";

  public PodTemplate {
    labels = Frozen.copy(labels);
    annotations = Frozen.copy(annotations);
    ports = List.copyOf(ports);
    containers = List.copyOf(containers);
    addresses = List.copyOf(addresses);
  }

  /**
   * A port that a container declares.
   *
   * @param name empty when it has none
   */
  public record Port(String name, int number) {}

  /**
   * Whether they are an ingress, egress or east-west gateway, or a waypoint: by what the program is
   * told, by what an injector is asked to make of it, or by the Gateway that they were made for, if
   * nothing but a proxy of the mesh was made.
   */
  public boolean isGateway() {
    return routes
        || (labels.containsKey(GATEWAY_NAME) && containers.stream().allMatch(PROXY::equals))
        || List.of(annotations.getOrDefault(TEMPLATES, "").split(",")).stream()
            .anyMatch(name -> name.strip().equals("gateway"));
  }

  /** {@code namespace/name}. */
  public String qualifiedName() {
    return namespace + "/" + name;
  }
}
