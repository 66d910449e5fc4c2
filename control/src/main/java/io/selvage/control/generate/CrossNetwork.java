package io.selvage.control.generate;

import io.selvage.control.workload.NetworkGateway;
import io.selvage.control.workload.Networks;
import io.selvage.control.workload.ServiceEndpoint;
import io.selvage.model.DestinationRule.TlsMode;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a client sees of endpoints in other networks (Istio's split horizon): in place of them the
 * gateways of their network, each with as much weight as the endpoints behind it have. An endpoint
 * that takes no mTLS is left out, as a gateway knows by the server name of mTLS alone where to.
 */
final class CrossNetwork {
  private final Networks networks;
  private final String own;

  /**
   * A client's view.
   *
   * @param own its network; empty: not said
   */
  CrossNetwork(Networks networks, String own) {
    this.networks = networks;
    this.own = own;
  }

  /** The same place and gateway are one endpoint. */
  private record Key(String locality, NetworkGateway gateway) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byPlace = locality.compareTo(other.locality);
      return byPlace != 0 ? byPlace : gateway.compareTo(other.gateway);
    }
  }

  /**
   * The endpoints as this client reaches them.
   *
   * @param tls what a DestinationRule has the client speak; empty: mTLS wherever it is taken
   */
  List<ServiceEndpoint> seen(List<ServiceEndpoint> endpoints, Optional<TlsMode> tls) {
    if (networks.gateways().isEmpty()) {
      return endpoints;
    }
    boolean plaintext = tls.filter(mode -> mode != TlsMode.ISTIO_MUTUAL).isPresent();
    List<Weights.Weighed> seen = new ArrayList<>();
    Map<Key, Long> weights = new TreeMap<>();
    for (ServiceEndpoint endpoint : Weights.bounded(endpoints)) {
      String network = networks.of(endpoint);
      long weight = (long) endpoint.weight() * networks.scale();
      if (!networks.isApart(network, own)) {
        seen.add(new Weights.Weighed(endpoint, weight));
      } else if (endpoint.mutualTls() && !plaintext) {
        List<NetworkGateway> gateways = networks.towards(network, endpoint.cluster());
        for (NetworkGateway gateway : gateways) {
          weights.merge(
              new Key(endpoint.locality(), gateway),
              Math.max(1, weight / gateways.size()),
              Long::sum);
        }
      }
    }
    weights.forEach((key, weight) -> seen.add(new Weights.Weighed(endpoint(key), weight)));
    return Weights.of(seen);
  }

  private static ServiceEndpoint endpoint(Key key) {
    NetworkGateway gateway = key.gateway();
    return new ServiceEndpoint(
        gateway.address(),
        gateway.port(),
        1,
        gateway.cluster(),
        gateway.network(),
        key.locality(),
        Map.of(),
        "",
        "",
        true,
        ClusterLoadAssignment.Workload.UNKNOWN);
  }
}
