package io.selvage.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A Kubernetes {@code v1.Service}.
 *
 * @param selector empty: endpoints are not found by labels
 * @param clusterIp absent: not assigned; {@code None}: headless
 * @param external IP addresses or DNS names by which it is reached from outside of its cluster,
 *     those of its load balancer first
 * @param externalName the host that it is another name of ({@code type: ExternalName}), in small
 *     letters; absent: it is itself a service
 * @param distribution which endpoints clients prefer; absent: what its namespace says
 * @param nodeLocal {@code internalTrafficPolicy: Local}: only endpoints on the client's own node
 *     serve it
 */
public record Service(
    ObjectMeta meta,
    List<Port> ports,
    Map<String, String> selector,
    Optional<String> clusterIp,
    List<String> external,
    Optional<String> externalName,
    Optional<TrafficDistribution> distribution,
    boolean nodeLocal)
    implements Resource {
  private static final String EXPORT_TO = "networking.istio.io/exportTo";

  /** One that is reached from inside of its cluster alone. */
  public Service(
      ObjectMeta meta, List<Port> ports, Map<String, String> selector, Optional<String> clusterIp) {
    this(meta, ports, selector, clusterIp, List.of(), Optional.empty(), Optional.empty(), false);
  }

  public Service {
    ports = List.copyOf(ports);
    selector = Frozen.copy(selector);
    external = List.copyOf(external);
  }

  /** {@code name.namespace.svc.cluster.local}. */
  public String host() {
    return meta.name() + "." + meta.namespace() + ".svc.cluster.local";
  }

  /** Whether a workload of the service's own namespace with these labels is an endpoint. */
  public boolean selects(Map<String, String> labels) {
    return !selector.isEmpty() && new WorkloadSelector(selector).matches(labels);
  }

  public boolean isHeadless() {
    return clusterIp.filter("None"::equals).isPresent();
  }

  /** Completes a name that has no dots to a host of the namespace; leaves every other as it is. */
  public static String fullHost(String host, String namespace) {
    return host.contains(".") || host.startsWith("*")
        ? host
        : host + "." + namespace + ".svc.cluster.local";
  }

  /**
   * Namespaces that see it, by the annotation {@code networking.istio.io/exportTo}; empty: all. It
   * is {@code ~} where none does.
   */
  public List<String> exportTo() {
    String written = meta.annotations().getOrDefault(EXPORT_TO, "");
    return Arrays.stream(written.split(",", -1))
        .map(String::strip)
        .filter(entry -> !entry.isEmpty())
        .toList();
  }

  /**
   * One port.
   *
   * @param name empty when the only port has none
   * @param port what clients call, 1 to 65535
   * @param targetPort the workload's port: a number, or the name of a container's port
   * @param protocol TCP, UDP or SCTP
   * @param appProtocol empty when not given
   */
  public record Port(
      String name,
      int port,
      String targetPort,
      String protocol,
      String appProtocol,
      SourceLocation at) {

    /** The workload's port when it is given as a number. */
    public OptionalInt targetPortNumber() {
      if (targetPort.isEmpty() || !targetPort.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return OptionalInt.empty();
      }
      return OptionalInt.of(Integer.parseInt(targetPort));
    }

    /** What it speaks, as Istio decides it. */
    public PortProtocol speaks() {
      return PortProtocol.ofServicePort(port, name, protocol, appProtocol);
    }
  }
}
