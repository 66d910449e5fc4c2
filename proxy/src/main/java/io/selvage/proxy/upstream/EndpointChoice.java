package io.selvage.proxy.upstream;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ClusterLoadAssignment.Locality;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a cluster at one moment, and the choice among the healthy ones of the first
 * priority that has any.
 */
final class EndpointChoice {
  static final EndpointChoice NONE = new EndpointChoice(Map.of(), List.of(), new AtomicInteger());

  /** What must be equal for an endpoint to keep its connections. */
  private record Key(
      InetSocketAddress address,
      int weight,
      Map<String, String> transport,
      ClusterLoadAssignment.Workload workload) {}

  private final Map<Key, Endpoint> byKey;
  private final List<Endpoint> eligible;
  private final int[] cumulativeWeights;
  private final boolean weighted;
  private final AtomicInteger turn;

  private EndpointChoice(Map<Key, Endpoint> byKey, List<Endpoint> eligible, AtomicInteger turn) {
    this.byKey = byKey;
    this.eligible = eligible;
    this.turn = turn;
    this.cumulativeWeights = new int[eligible.size()];
    int sum = 0;
    boolean differ = false;
    for (int i = 0; i < cumulativeWeights.length; i++) {
      sum += Math.max(1, eligible.get(i).weight());
      cumulativeWeights[i] = sum;
      differ |= eligible.get(i).weight() != eligible.getFirst().weight();
    }
    this.weighted = differ;
  }

  EndpointChoice replacedBy(
      ClusterLoadAssignment assignment,
      BiFunction<InetSocketAddress, ClusterLoadAssignment.Endpoint, Endpoint> make) {
    Map<Key, Endpoint> next = new LinkedHashMap<>();
    int best =
        assignment.localities().stream()
            .filter(place -> place.endpoints().stream().anyMatch(e -> e.healthy()))
            .mapToInt(Locality::priority)
            .min()
            .orElse(0);
    List<Endpoint> healthy = new ArrayList<>();
    for (Locality place : assignment.localities()) {
      for (ClusterLoadAssignment.Endpoint config : place.endpoints()) {
        InetSocketAddress address =
            new InetSocketAddress(InetAddress.ofLiteral(config.address()), config.port());
        Key key = new Key(address, config.weight(), config.transport(), config.workload());
        Endpoint known = byKey.get(key);
        Endpoint endpoint = known != null ? known : make.apply(address, config);
        next.put(key, endpoint);
        if (config.healthy() && place.priority() == best) {
          healthy.add(endpoint);
        }
      }
    }
    return new EndpointChoice(next, List.copyOf(healthy), new AtomicInteger());
  }

  /** The choice among the others, or this one when there is no other. Turns are shared. */
  EndpointChoice without(Endpoint left) {
    List<Endpoint> others = eligible.stream().filter(endpoint -> endpoint != left).toList();
    return others.isEmpty() ? this : new EndpointChoice(byKey, others, turn);
  }

  List<Endpoint> endpoints() {
    return List.copyOf(byKey.values());
  }

  @Nullable Endpoint choose(Cluster.LoadBalancing policy, IntUnaryOperator random) {
    int count = eligible.size();
    if (count < 2) {
      return count == 0 ? null : eligible.getFirst();
    }
    return switch (policy) {
      case LEAST_REQUEST -> {
        Endpoint one = pick(random);
        Endpoint other = pick(random);
        yield other.active().get() < one.active().get() ? other : one;
      }
      case ROUND_ROBIN, CLUSTER_PROVIDED ->
          eligible.get(Math.floorMod(turn.getAndIncrement(), count));
      case RANDOM -> pick(random);
    };
  }

  private Endpoint pick(IntUnaryOperator random) {
    if (!weighted) {
      return eligible.get(random.applyAsInt(eligible.size()));
    }
    int ticket = random.applyAsInt(cumulativeWeights[cumulativeWeights.length - 1]);
    int found = Arrays.binarySearch(cumulativeWeights, ticket + 1);
    return eligible.get(found >= 0 ? found : -found - 1);
  }
}
