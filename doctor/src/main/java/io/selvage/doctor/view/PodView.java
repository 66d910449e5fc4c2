package io.selvage.doctor.view;

import io.selvage.control.workload.WorkloadInstance;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.model.WorkloadView;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Pod as a mesh sees it. */
public record PodView(ApiObject pod) {
  /** The label and annotation of a revision. */
  public static final String REVISION = "istio.io/rev";

  private static final String PROXY = "istio-proxy";

  /** What Istio's agent is told of its role, and ours. */
  private static final Set<String> ROUTER = Set.of("router", "--in-pod=router");

  private static final Set<String> OVER = Set.of("Succeeded", "Failed");

  public String namespace() {
    return pod.namespace();
  }

  public String name() {
    return pod.name();
  }

  public ObjectRef ref() {
    return pod.ref();
  }

  /** {@code namespace/name}. */
  public String qualified() {
    return namespace() + "/" + name();
  }

  public Map<String, String> labels() {
    return pod.labels();
  }

  /** An annotation's value; empty when it is not there. */
  public String annotation(String key) {
    return pod.annotations().getOrDefault(key, "");
  }

  /**
   * The revision of the control plane that its sidecar was injected for: by the injector's note
   * ({@code sidecar.istio.io/status}), else by annotation or label. Empty when nothing says.
   */
  public String revision() {
    String noted = "";
    try {
      noted =
          JsonMapper.shared()
              .readTree(annotation("sidecar.istio.io/status"))
              .path("revision")
              .asString("");
    } catch (JacksonException e) {
      // somebody else's words: the others may say it
    }
    return Stream.of(noted, annotation(REVISION), labels().getOrDefault(REVISION, ""))
        .filter(name -> !name.isEmpty())
        .findFirst()
        .orElse("");
  }

  /** As selectors see it. */
  public WorkloadView view() {
    return new WorkloadView(namespace(), labels());
  }

  /** Its ServiceAccount. */
  public String serviceAccount() {
    String written = pod.text("/spec/serviceAccountName");
    return written.isEmpty() ? "default" : written;
  }

  public boolean isOver() {
    return OVER.contains(pod.text("/status/phase"));
  }

  public boolean usesHostNetwork() {
    return pod.at("/spec/hostNetwork").asBoolean(false);
  }

  public String address() {
    return pod.text("/status/podIP");
  }

  /** A sidecar among its containers, or among the init containers that go on running. */
  public boolean hasSidecar() {
    return !isGateway() && containers().anyMatch(PodView::isProxy);
  }

  /** Its program is a proxy: an ingress, egress or east-west gateway, or a waypoint. */
  public boolean isGateway() {
    List<JsonNode> own = new ArrayList<>();
    each("/spec/containers").forEach(own::add);
    boolean routes =
        own.size() == 1
            && isProxy(own.getFirst())
            && sidecarArguments(own.getFirst()).stream().anyMatch(ROUTER::contains);
    return routes || labels().containsKey("gateway.networking.k8s.io/gateway-name");
  }

  /** Its connections go through the node's ztunnel. */
  public boolean isAmbient() {
    return annotation("ambient.istio.io/redirection").equals("enabled");
  }

  /** A proxy of the mesh takes its connections. */
  public boolean isInMesh() {
    return hasSidecar() || isGateway() || isAmbient();
  }

  /** Its containers, and the init containers. */
  public Stream<JsonNode> containers() {
    return Stream.concat(each("/spec/containers"), each("/spec/initContainers"));
  }

  /** The programs: all containers but the proxy. */
  public Stream<JsonNode> programs() {
    return each("/spec/containers").filter(container -> !isProxy(container));
  }

  /** Ports that containers declare with a name, by it. */
  public Map<String, Integer> namedPorts() {
    Map<String, Integer> ports = new HashMap<>();
    containers()
        .flatMap(container -> container.path("ports").valueStream())
        .filter(port -> port.path("protocol").asString("TCP").equals("TCP"))
        .filter(port -> port.path("containerPort").asInt(0) > 0 && port.has("name"))
        .forEach(
            port ->
                ports.putIfAbsent(
                    port.path("name").asString(""), port.path("containerPort").asInt(0)));
    return ports;
  }

  /** The same as the control plane has it. */
  public WorkloadInstance instance() {
    return new WorkloadInstance(
        name(),
        namespace(),
        serviceAccount(),
        labels(),
        address(),
        namedPorts(),
        Map.of(),
        "",
        "",
        1,
        isInMesh());
  }

  private static boolean isProxy(JsonNode container) {
    return container.path("name").asString("").equals(PROXY);
  }

  private static List<String> sidecarArguments(JsonNode container) {
    return container.path("args").valueStream().map(one -> one.asString("")).toList();
  }

  private Stream<JsonNode> each(String pointer) {
    return pod.at(pointer).valueStream();
  }
}
