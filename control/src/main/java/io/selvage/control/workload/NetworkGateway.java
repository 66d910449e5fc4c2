package io.selvage.control.workload;

import io.selvage.model.Service;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * By which address the workloads of a network are reached from the others: a port that passes the
 * mesh's mTLS on by its server name ({@code AUTO_PASSTHROUGH}).
 *
 * @param network that it leads into
 * @param cluster that it is of; empty: not known
 * @param address IP address or DNS name
 * @param port 1..65535
 */
public record NetworkGateway(String network, String cluster, String address, int port)
    implements Comparable<NetworkGateway> {
  /** Label of namespaces, Services and workloads that says which network they are in. */
  public static final String NETWORK_LABEL = "topology.istio.io/network";

  private static final String PORT_LABEL = "networking.istio.io/gatewayPort";
  private static final int PORT = 15443;
  private static final int LAST_PORT = 65_535;
  private static final Comparator<NetworkGateway> ORDER =
      Comparator.comparing(NetworkGateway::address)
          .thenComparingInt(NetworkGateway::port)
          .thenComparing(NetworkGateway::network)
          .thenComparing(NetworkGateway::cluster);

  /**
   * Those that a cluster's Service is, by its label {@code topology.istio.io/network}: at its load
   * balancer's and its external addresses, port 15443 or that of the label {@code
   * networking.istio.io/gatewayPort}; none when it has no such port.
   */
  public static List<NetworkGateway> of(String cluster, Service service) {
    Map<String, String> labels = service.meta().labels();
    String network = labels.getOrDefault(NETWORK_LABEL, "");
    if (network.isEmpty()) {
      return List.of();
    }
    int port = number(labels.getOrDefault(PORT_LABEL, "")).orElse(PORT);
    return at(network, cluster, service, port);
  }

  /** Those that a cluster's Service is for a network that names it and its port. */
  static List<NetworkGateway> at(String network, String cluster, Service service, int port) {
    if (service.ports().stream().noneMatch(one -> one.port() == port)) {
      return List.of();
    }
    List<NetworkGateway> all = new ArrayList<>();
    for (String address : service.external()) {
      all.add(new NetworkGateway(network, cluster, address, port));
    }
    return all;
  }

  private static OptionalInt number(String text) {
    return text.matches("[1-9][0-9]{0,4}") && Integer.parseInt(text) <= LAST_PORT
        ? OptionalInt.of(Integer.parseInt(text))
        : OptionalInt.empty();
  }

  /** By address and port: the order in which endpoints are listed. */
  @Override
  public int compareTo(NetworkGateway other) {
    return ORDER.compare(this, other);
  }
}
