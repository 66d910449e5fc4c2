package io.selvage.model;

import java.util.Map;

/**
 * One address behind a service: the specification of a {@link WorkloadEntry}, and an entry of
 * {@link ServiceEntry#endpoints()}.
 *
 * @param address an IP address, a DNS name or {@code unix:///path}; empty when only the network is
 *     known
 * @param ports the address' own ports, by the service port's name
 * @param serviceAccount empty: no identity is known
 * @param network empty: the mesh's default network
 * @param locality {@code region/zone/subzone}; empty: unknown
 * @param weight relative to the other endpoints; 0 when not given
 */
public record Endpoint(
    String address,
    Map<String, Integer> ports,
    Map<String, String> labels,
    String serviceAccount,
    String network,
    String locality,
    int weight,
    SourceLocation at) {

  public Endpoint {
    ports = Frozen.copy(ports);
    labels = Frozen.copy(labels);
  }

  /** Whether its address is a literal IP address. */
  public boolean isAtAddress() {
    return IpAddresses.isAddress(address);
  }

  /** Whether it is a unix socket. */
  public boolean isSocket() {
    return address.startsWith("unix://");
  }
}
