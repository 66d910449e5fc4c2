package io.selvage.model;

import java.util.List;

/**
 * Some of the endpoints of a service, as a cluster found them ({@code
 * discovery.k8s.io/v1.EndpointSlice}).
 *
 * @param service name of the Service in the same namespace, from the label {@code
 *     kubernetes.io/service-name}; empty when the slice belongs to none
 * @param endpoints who is there, whether it is ready or not
 * @param ports the same for all endpoints; those without a number are left out
 */
public record EndpointSlice(
    ObjectMeta meta, String service, List<SliceEndpoint> endpoints, List<Port> ports)
    implements Resource {

  public EndpointSlice {
    endpoints = List.copyOf(endpoints);
    ports = List.copyOf(ports);
  }

  /**
   * One endpoint.
   *
   * @param addresses literal IPs, all of this one endpoint; the first is the one to use
   * @param ready whether it may get traffic: {@code conditions.ready}, which is true when unknown
   * @param pod name of the Pod in the same namespace that it is; empty when it is none
   * @param zone of its node; empty when unknown
   */
  public record SliceEndpoint(List<String> addresses, boolean ready, String pod, String zone) {
    public SliceEndpoint {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * One port of all endpoints.
   *
   * @param name the service port's; empty when that has none
   * @param number the endpoints' own, 1 to 65535
   */
  public record Port(String name, int number) {}
}
