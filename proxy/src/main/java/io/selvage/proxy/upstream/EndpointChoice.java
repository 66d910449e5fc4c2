package io.selvage.proxy.upstream;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ClusterLoadAssignment.Locality;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a cluster at one moment, and the choice among those that may be used. A priority
 * takes all that it can: with an overprovisioning factor of 140 % as Envoy has it, the next one
 * begins to get a part when less than 71 % of its endpoints are left.
 */
final class EndpointChoice {
  private static final int OVERPROVISIONING = 140;
  private static final int WHOLE = 100;
  private static final int MOST = Integer.MAX_VALUE;

  private final Rules rules;
  private final Map<Key, Endpoint> byKey;
  private final List<Level> levels;
  private final List<EndpointPool> pools;

  /** Up to which ticket of 100 a pool is meant. */
  private final int[] shares;

  private final Set<Endpoint> passedOver;

  /** What must be equal for an endpoint to keep its connections. */
  private record Key(
      InetSocketAddress address,
      int weight,
      Map<String, String> transport,
      ClusterLoadAssignment.Workload workload) {}

  /**
   * How it is chosen.
   *
   * @param byLocality a place gets its weight's share, whatever endpoints it has
   * @param minHealthPercent where fewer of a priority's endpoints are left, those that were set
   *     aside are used as well
   */
  record Rules(boolean byLocality, int minHealthPercent) {
    static final Rules DEFAULT = new Rules(false, 0);
  }

  /**
   * One priority.
   *
   * @param members those that the control plane calls healthy
   * @param total all of it
   */
  private record Level(List<EndpointPool.Member> members, int total) {}

  private EndpointChoice(
      Rules rules,
      Map<Key, Endpoint> byKey,
      List<Level> levels,
      List<EndpointPool> pools,
      int[] shares,
      Set<Endpoint> passedOver) {
    this.passedOver = passedOver;
    this.rules = rules;
    this.byKey = byKey;
    this.levels = levels;
    this.pools = pools;
    this.shares = shares;
  }

  /** No endpoint. */
  static EndpointChoice none(Rules rules) {
    return new EndpointChoice(rules, Map.of(), List.of(), List.of(), new int[0], Set.of());
  }

  EndpointChoice replacedBy(
      ClusterLoadAssignment assignment,
      BiFunction<InetSocketAddress, ClusterLoadAssignment.Endpoint, Endpoint> make) {
    Map<Key, Endpoint> next = new LinkedHashMap<>();
    TreeMap<Integer, List<EndpointPool.Member>> healthy = new TreeMap<>();
    TreeMap<Integer, Integer> totals = new TreeMap<>();
    for (Locality place : assignment.localities()) {
      List<EndpointPool.Member> here =
          healthy.computeIfAbsent(place.priority(), p -> new ArrayList<>());
      long sum =
          place.endpoints().stream()
              .filter(ClusterLoadAssignment.Endpoint::healthy)
              .mapToLong(ClusterLoadAssignment.Endpoint::weight)
              .sum();
      for (ClusterLoadAssignment.Endpoint config : place.endpoints()) {
        InetSocketAddress address =
            new InetSocketAddress(InetAddress.ofLiteral(config.address()), config.port());
        Key key = new Key(address, config.weight(), config.transport(), config.workload());
        Endpoint known = byKey.get(key);
        Endpoint endpoint = known != null ? known : make.apply(address, config);
        next.put(key, endpoint);
        totals.merge(place.priority(), 1, Integer::sum);
        if (config.healthy()) {
          here.add(new EndpointPool.Member(endpoint, weight(place, config, sum)));
        }
      }
    }
    List<Level> all = new ArrayList<>();
    healthy.forEach(
        (priority, members) -> all.add(new Level(members, totals.getOrDefault(priority, 0))));
    return of(next, all);
  }

  private int weight(Locality place, ClusterLoadAssignment.Endpoint config, long sum) {
    return rules.byLocality()
        ? (int) Math.clamp((double) place.weight() * WHOLE * config.weight() / sum, 1, MOST)
        : config.weight();
  }

  /** The same endpoints, after some were set aside or came back. */
  EndpointChoice reconsidered() {
    return of(byKey, levels);
  }

  private EndpointChoice of(Map<Key, Endpoint> all, List<Level> configured) {
    Set<Endpoint> silent =
        configured.stream()
            .flatMap(level -> level.members().stream())
            .map(EndpointPool.Member::endpoint)
            .filter(endpoint -> endpoint.reachability().isSilent())
            .collect(Collectors.toUnmodifiableSet());
    EndpointChoice heard = of(all, configured, silent);
    return heard.pools.isEmpty() ? of(all, configured, Set.of()) : heard;
  }

  /** Of those that are left; priorities count those that are passed over as failed. */
  private EndpointChoice of(
      Map<Key, Endpoint> all, List<Level> configured, Set<Endpoint> passedOver) {
    List<EndpointPool> usable = new ArrayList<>();
    List<Integer> health = new ArrayList<>();
    for (Level level : configured) {
      List<EndpointPool.Member> members =
          members(level).stream()
              .filter(member -> !passedOver.contains(member.endpoint()))
              .toList();
      if (!members.isEmpty()) {
        usable.add(new EndpointPool(members));
        health.add(Math.min(WHOLE, OVERPROVISIONING * members.size() / level.total()));
      }
    }
    return new EndpointChoice(
        rules, all, configured, List.copyOf(usable), shares(health), passedOver);
  }

  private List<EndpointPool.Member> members(Level level) {
    List<EndpointPool.Member> left =
        level.members().stream().filter(member -> !member.endpoint().isSetAside()).toList();
    return left.size() * WHOLE < rules.minHealthPercent() * level.total() ? level.members() : left;
  }

  /** Where all together are not enough, each takes more, in proportion. */
  private static int[] shares(List<Integer> health) {
    int total = Math.min(WHOLE, health.stream().mapToInt(h -> h).sum());
    int[] shares = new int[health.size()];
    int given = 0;
    for (int i = 0; i < shares.length; i++) {
      given = Math.min(WHOLE, given + health.get(i) * WHOLE / Math.max(1, total));
      shares[i] = given;
    }
    if (shares.length > 0) {
      shares[shares.length - 1] = WHOLE; // what rounding left over
    }
    return shares;
  }

  /** The choice among the others, or this one when there is no other. */
  EndpointChoice without(Endpoint left) {
    List<EndpointPool> others = new ArrayList<>();
    List<Integer> until = new ArrayList<>();
    for (int i = 0; i < pools.size(); i++) {
      Optional<EndpointPool> rest = pools.get(i).without(left);
      if (rest.isPresent()) {
        others.add(rest.get());
        until.add(shares[i]);
      }
    }
    if (others.isEmpty()) {
      return this;
    }
    until.set(until.size() - 1, WHOLE);
    return new EndpointChoice(
        rules,
        byKey,
        levels,
        others,
        until.stream().mapToInt(share -> share).toArray(),
        passedOver);
  }

  /** Those that are silent, while there are others. */
  Set<Endpoint> passedOver() {
    return passedOver;
  }

  List<Endpoint> endpoints() {
    return List.copyOf(byKey.values());
  }

  /** Null where there is no endpoint. */
  @Nullable Endpoint choose(Cluster.LoadBalancing policy, IntUnaryOperator random) {
    if (pools.isEmpty()) {
      return null;
    }
    if (shares[0] >= WHOLE) {
      return pools.getFirst().choose(policy, random);
    }
    int ticket = random.applyAsInt(WHOLE);
    int chosen = 0;
    while (ticket >= shares[chosen]) {
      chosen++;
    }
    return pools.get(chosen).choose(policy, random);
  }
}
