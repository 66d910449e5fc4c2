package io.selvage.control.workload;

import io.selvage.model.MeshNetworks;
import io.selvage.model.MeshSnapshot;
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

  /**
   * Beyond this, an endpoint's weight is no longer shared out evenly to the last bit: who may label
   * Services decides on how many gateways there are.
   */
  private static final int MOST_SCALE = 1 << 20;

  private final Map<String, String> byCluster;
  private final List<Block> blocks;
  private final List<NetworkGateway> gateways;
  private final List<Problem> problems;
  private final Map<String, List<NetworkGateway>> byNetwork = new TreeMap<>();
  private final int scale;

  /** A block of addresses that is in a network. */
  private record Block(InetAddress address, int length, String network) {
    private static Block of(String text, String network) {
      int slash = text.indexOf('/');
      return new Block(
          InetAddress.ofLiteral(text.substring(0, slash)),
          Integer.parseInt(text.substring(slash + 1)),
          network);
    }

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
    for (NetworkGateway gateway : this.gateways) {
      product = leastCommonMultiple(product, gateways(gateway.network()).size());
      product = leastCommonMultiple(product, towards(gateway.network(), gateway.cluster()).size());
    }
    this.scale = product;
  }

  /**
   * The networks of a mesh: by the gateways that the clusters' Services are, and as the mesh's
   * settings say.
   */
  static Networks of(MeshSnapshot snapshot, ClusterView.All clusters) {
    List<NetworkGateway> found = new ArrayList<>();
    List<Problem> problems = new ArrayList<>();
    snapshot.all(Service.class).forEach(s -> add(clusters.own().id(), s, found, problems));
    for (ClusterView neighbour : clusters.neighbours()) {
      neighbour
          .declared()
          .ifPresent(
              declared ->
                  declared.services().forEach(s -> add(neighbour.id(), s, found, problems)));
    }
    Map<String, String> byCluster = new TreeMap<>();
    List<Block> blocks = new ArrayList<>();
    Map<String, MeshNetworks.Network> written = snapshot.meshConfig().networks().networks();
    written.forEach(
        (name, network) -> {
          network.registries().forEach(cluster -> byCluster.putIfAbsent(cluster, name));
          network.cidrs().forEach(block -> blocks.add(Block.of(block, name)));
          for (MeshNetworks.Gateway gateway : network.gateways()) {
            if (!gateway.address().isEmpty()) {
              found.add(new NetworkGateway(name, "", gateway.address(), gateway.port()));
            } else {
              found.addAll(byService(name, network, gateway, snapshot, clusters));
            }
          }
        });
    // a name would have to be resolved, and what it resolves to to be watched: Istio, too, leaves
    // such a gateway out unless it is told otherwise
    found.stream().filter(g -> !isLiteral(g.address())).forEach(g -> problems.add(named(g)));
    found.removeIf(gateway -> !isLiteral(gateway.address()));
    return new Networks(byCluster, blocks, found, problems);
  }

  private static void add(
      String cluster, Service service, List<NetworkGateway> found, List<Problem> problems) {
    List<NetworkGateway> all = NetworkGateway.of(cluster, service);
    found.addAll(all);
    String network = service.meta().labels().getOrDefault(NetworkGateway.NETWORK_LABEL, "");
    if (all.isEmpty() && !network.isEmpty()) {
      problems.add(
          unusable(
              service.meta().at(),
              "Service %s is labelled as a gateway of the network %s, but has no external address, or not the gateway's port; workloads of that network are called at their own addresses"
                  .formatted(service.meta().qualifiedName(), network)));
    }
  }

  private static Problem named(NetworkGateway gateway) {
    return unusable(
        SourceLocation.UNKNOWN,
        "the gateway %s of the network %s is given by a name; only IP addresses are used"
            .formatted(gateway.address(), gateway.network()));
  }

  private static Problem unusable(SourceLocation at, String message) {
    return Problem.warning(UNUSABLE_GATEWAY, at, "", message);
  }

  /** A service of one of the network's own clusters. */
  private static List<NetworkGateway> byService(
      String name,
      MeshNetworks.Network network,
      MeshNetworks.Gateway gateway,
      MeshSnapshot snapshot,
      ClusterView.All clusters) {
    List<NetworkGateway> all = new ArrayList<>();
    for (String cluster : network.registries()) {
      List<Service> services =
          cluster.equals(clusters.own().id())
              ? snapshot.all(Service.class)
              : clusters.neighbours().stream()
                  .filter(neighbour -> neighbour.id().equals(cluster))
                  .flatMap(neighbour -> neighbour.declared().stream())
                  .flatMap(declared -> declared.services().stream())
                  .toList();
      services.stream()
          .filter(service -> service.host().equals(gateway.service()))
          .forEach(s -> all.addAll(NetworkGateway.at(name, cluster, s, gateway.port())));
    }
    return all;
  }

  private static boolean isLiteral(String address) {
    return address.matches("[0-9.]+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");
  }

  /** Of both, unless it is too large: then of the first alone. */
  private static int leastCommonMultiple(int one, int other) {
    int a = one;
    int b = other;
    while (b != 0) {
      int rest = a % b;
      a = b;
      b = rest;
    }
    long multiple = (long) (one / a) * other;
    return multiple > MOST_SCALE ? one : (int) multiple;
  }

  /**
   * Where something is: what it or its cluster says itself, else what the mesh's settings say;
   * empty when nobody does.
   */
  public String of(String said, String cluster, String address) {
    if (!said.isEmpty()) {
      return said;
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

  /** Where an endpoint is. */
  public String of(ServiceEndpoint endpoint) {
    return of(endpoint.network(), endpoint.cluster(), endpoint.address());
  }

  /** Every gateway that has an IP address, sorted. */
  public List<NetworkGateway> gateways() {
    return gateways;
  }

  /** The gateways that cannot be used. */
  public List<Problem> problems() {
    return problems;
  }

  private List<NetworkGateway> gateways(String network) {
    return byNetwork.getOrDefault(network, List.of());
  }

  /** Those of a network that are of a cluster; all of the network where that has none. */
  public List<NetworkGateway> towards(String network, String cluster) {
    List<NetworkGateway> all = gateways(network);
    List<NetworkGateway> own = all.stream().filter(g -> g.cluster().equals(cluster)).toList();
    return own.isEmpty() ? all : own;
  }

  /**
   * By what all weights are multiplied, so that an endpoint's can be shared out evenly among any
   * network's gateways: 1 to 2^20, and not quite evenly where that does not suffice.
   */
  public int scale() {
    return scale;
  }

  /** Whether what is in {@code network} is reached from {@code from} only through a gateway. */
  public boolean isApart(String network, String from) {
    return !network.equals(from) && !network.isEmpty() && !gateways(network).isEmpty();
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
