package io.selvage.model;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Hosts that are added to the mesh's own registry ({@code networking.istio.io/v1.ServiceEntry}).
 *
 * @param addresses virtual IP addresses or CIDR blocks
 * @param endpoints static addresses; empty when {@code workloadSelector} finds them
 * @param subjectAltNames what the servers' certificates must say; empty: not checked by this
 */
public record ServiceEntry(
    ObjectMeta meta,
    List<String> hosts,
    List<String> addresses,
    List<Port> ports,
    Location location,
    Resolution resolution,
    List<Endpoint> endpoints,
    Optional<WorkloadSelector> workloadSelector,
    List<String> exportTo,
    List<String> subjectAltNames)
    implements Resource {

  /**
   * Of several for one host, which one it is: the oldest, as under Istio, so that none takes a host
   * from an older one.
   */
  public static final Comparator<ServiceEntry> BY_OWNERSHIP =
      Comparator.comparing(
              (ServiceEntry entry) -> entry.meta.creationTimestamp().orElse(Instant.MAX))
          .thenComparing(entry -> entry.meta.namespace())
          .thenComparing(entry -> entry.meta.name());

  public ServiceEntry {
    hosts = List.copyOf(hosts);
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
    exportTo = List.copyOf(exportTo);
    subjectAltNames = List.copyOf(subjectAltNames);
  }

  /** Which endpoints clients prefer; absent: what its namespace says. */
  public Optional<TrafficDistribution> distribution() {
    return TrafficDistribution.annotated(meta.annotations());
  }

  /** Whether clients of this namespace may see the hosts. */
  public boolean isVisibleTo(String namespace) {
    return Visibility.allows(exportTo, meta.namespace(), namespace);
  }

  /**
   * One port.
   *
   * @param protocol as written, such as {@code HTTP} or {@code TLS}
   * @param targetPort the endpoints' port; equal to {@code number} when not given
   */
  public record Port(int number, String name, String protocol, int targetPort, SourceLocation at) {

    public PortProtocol speaks() {
      return PortProtocol.named(protocol);
    }
  }

  /** Whether the hosts are part of the mesh. Only internal ones get mTLS by themselves. */
  public enum Location {
    MESH_EXTERNAL,
    MESH_INTERNAL
  }

  /** How addresses are found. */
  public enum Resolution {
    NONE,
    STATIC,
    DNS,
    DNS_ROUND_ROBIN,
    DYNAMIC_DNS
  }
}
