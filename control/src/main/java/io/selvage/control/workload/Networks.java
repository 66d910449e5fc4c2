package io.selvage.control.workload;

import io.selvage.model.MeshNetworks;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Namespace;
import io.selvage.model.Problem;
import io.selvage.model.Service;
import io.selvage.model.SourceLocation;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which network a workload is in, and by which gateways each is reached from the others. Without
 * any gateway all workloads reach each other, whatever their networks are called. Immutable.
 */
public final class Networks {
  /** A gateway of a network that cannot be used: without an address, or with a name for one. */
  public static final String UNUSABLE_GATEWAY = "SLV7271";

  /** One network, and every workload in it. */
  public static final Networks NONE = new Networks(Map.of(), List.of(), List.of(), List.of());

  private final Map<String, String> byCluster;
  private final List<Block> blocks;
  private final List<NetworkGateway> gateways;
  private final List<Problem> problems;
  private final Map<String, List<NetworkGateway>> byNetwork = new TreeMap<>();
  private final int scale;

  /** A block of addresses that is in a network. */
  private record Block(InetAddress address, int length, String network) {
    private boolean contains(InetAddress other) {
      byte[] wanted = address.getAddress();
      byte[] got = other.getAddress();
      if (wanted.length != got.length) {
        return false;
      }
      int shift = wanted.length * 8 - length;
      return new BigInteger(1, wanted)
          .shiftRight(shift)
          .equals(new BigInteger(1, got).shiftRight(shift));
    }
  }

  private Networks(
      Map<String, String> byCluster,
      List<Block> blocks,
      Collection<NetworkGateway> gateways,
      List<Problem> problems) {
    this.byCluster = Map.copyOf(byCluster);
    this.blocks = List.copyOf(blocks);
    this.gateways = List.copyOf(new TreeSet<>(gateways));
    this.problems = List.copyOf(problems);
    for (NetworkGateway gateway : this.gateways) {
      byNetwork.computeIfAbsent(gateway.network(), n -> new ArrayList<>()).add(gateway);
    }
    int product = 1;
    for (String network : byNetwork.keySet()) {
      product = leastCommonMultiple(product, gateways(network).size());
      for (NetworkGateway gateway : gateways(network)) {
        product = leastCommonMultiple(product, towards(network, gateway.cluster()).size());
      }
    }
    this.scale = product;
  }

  /**
   * The networks of a mesh: as written in the mesh's settings, as the label {@code
   * topology.istio.io/network} of the root namespace says of this cluster, as its neighbours say of
   * themselves, and with the gateways that their Services are.
   */
  public static Networks of(
      MeshSnapshot snapshot, String cluster, Collection<RemoteCluster> neighbours) {
    Map<String, String> byCluster = new TreeMap<>();
    List<Block> blocks = new ArrayList<>();
    List<NetworkGateway> gateways = new ArrayList<>();
    for (RemoteCluster neighbour : neighbours) {
      byCluster.put(neighbour.id(), neighbour.network());
      gateways.addAll(neighbour.networkGateways());
    }
    snapshot
        .find(Namespace.class, "", snapshot.meshConfig().rootNamespace())
        .map(root -> root.meta().labels().getOrDefault(NetworkGateway.NETWORK_LABEL, ""))
        .ifPresent(network -> byCluster.put(cluster, network));
    List<Problem> problems = new ArrayList<>();
    for (Service service : snapshot.all(Service.class)) {
      List<NetworkGateway> all = NetworkGateway.of(cluster, service);
      gateways.addAll(all);
      if (all.isEmpty() && service.meta().labels().containsKey(NetworkGateway.NETWORK_LABEL)) {
        problems.add(unreachable(service));
      }
    }
    snapshot
        .meshConfig()
        .networks()
        .networks()
        .forEach(
            (name, network) -> {
              network.registries().forEach(registry -> byCluster.merge(registry, name, Networks::said));
              network.cidrs().forEach(text -> blocks.add(block(text, name)));
              network
                  .gateways()
                  .forEach(written -> gateways.addAll(written(name, network, written, cluster, snapshot)));
            });
    byCluster.values().removeIf(String::isEmpty);
    // a name would have to be resolved, and what it resolves to to be watched: Istio, too, leaves
    // such a gateway out unless it is told otherwise
    for (NetworkGateway gateway : gateways) {
      if (!isLiteral(gateway.address())) {
        problems.add(named(gateway));
      }
    }
    gateways.removeIf(gateway -> !isLiteral(gateway.address()));
    return new Networks(byCluster, blocks, gateways, problems);
  }

  private static Problem unreachable(Service service) {
    return Problem.warning(
        UNUSABLE_GATEWAY,
        service.meta().at(),
        "metadata.labels",
        "Service %s is labelled as a gateway of the network %s, but has no external address, or not the gateway's port; workloads of that network are called at their own addresses"
            .formatted(
                service.meta().qualifiedName(),
                service.meta().labels().get(NetworkGateway.NETWORK_LABEL)));
  }

  private static Problem named(NetworkGateway gateway) {
    return Problem.warning(
        UNUSABLE_GATEWAY,
        SourceLocation.UNKNOWN,
        "",
        "the gateway %s of the network %s is given by a name; only IP addresses are used"
            .formatted(gateway.address(), gateway.network()));
  }

  /** A namespace's label counts before the mesh's settings. */
  private static String said(String label, String setting) {
    return label.isEmpty() ? setting : label;
  }

  private static List<NetworkGateway> written(
      String name,
      MeshNetworks.Network network,
      MeshNetworks.Gateway gateway,
      String cluster,
      MeshSnapshot snapshot) {
    if (!gateway.address().isEmpty()) {
      return List.of(new NetworkGateway(name, "", gateway.address(), gateway.port()));
    }
    return network.registries().contains(cluster)
        ? snapshot.all(Service.class).stream()
            .filter(service -> service.host().equals(gateway.service()))
            .flatMap(service -> NetworkGateway.at(name, cluster, service, gateway.port()).stream())
            .toList()
        : List.of();
  }

  private static Block block(String text, String network) {
    int slash = text.indexOf('/');
    return new Block(
        InetAddress.ofLiteral(text.substring(0, slash)),
        Integer.parseInt(text.substring(slash + 1)),
        network);
  }

  private static boolean isLiteral(String address) {
    return address.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
  }

  private static int leastCommonMultiple(int one, int other) {
    int a = one;
    int b = other;
    while (b != 0) {
      int rest = a % b;
      a = b;
      b = rest;
    }
    return one / a * other;
  }

  /**
   * The network of a workload; empty when nothing says it.
   *
   * @param label the workload's own label, which counts before everything else
   */
  String of(String label, String cluster, String address) {
    if (!label.isEmpty()) {
      return label;
    }
    String ofCluster = byCluster.getOrDefault(cluster, "");
    return ofCluster.isEmpty() ? byAddress(address) : ofCluster;
  }

  private String byAddress(String address) {
    if (blocks.isEmpty() || !isLiteral(address)) {
      return "";
    }
    InetAddress literal = InetAddress.ofLiteral(address);
    return blocks.stream()
        .filter(block -> block.contains(literal))
        .map(Block::network)
        .findFirst()
        .orElse("");
  }

  /** Every gateway that has an IP address, sorted. */
  public List<NetworkGateway> gateways() {
    return gateways;
  }

  /** The gateways that cannot be used. */
  public List<Problem> problems() {
    return problems;
  }

  /** Those of a network, sorted; none where it is reached directly. */
  public List<NetworkGateway> gateways(String network) {
    return byNetwork.getOrDefault(network, List.of());
  }

  /** Those of a network that are of a cluster; all of the network where that has none. */
  public List<NetworkGateway> towards(String network, String cluster) {
    List<NetworkGateway> own =
        gateways(network).stream().filter(gateway -> gateway.cluster().equals(cluster)).toList();
    return own.isEmpty() ? gateways(network) : own;
  }

  /**
   * By what all weights are multiplied, so that an endpoint's can be shared out evenly among any
   * network's gateways.
   */
  public int scale() {
    return scale;
  }

  /** Whether a workload of {@code one} is reached from {@code other} only through a gateway. */
  public boolean apart(String one, String other) {
    return !one.equals(other) && !one.isEmpty() && !gateways(one).isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Networks that
        && byCluster.equals(that.byCluster)
        && gateways.equals(that.gateways)
        && blocks.equals(that.blocks);
  }

  @Override
  public int hashCode() {
    return gateways.hashCode();
  }
}
