package io.selvage.proxy.upstream;

import io.selvage.xds.resource.Cluster;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/** Endpoints of one priority that may be used, and the choice among them; at least one. */
final class EndpointPool {
  private static final int MOST = Integer.MAX_VALUE;

  private final List<Member> members;
  private final int[] cumulativeWeights;
  private final boolean weighted;
  private final AtomicInteger turn;

  /**
   * One of them.
   *
   * @param weight its share, 1..
   */
  record Member(Endpoint endpoint, int weight) {}

  EndpointPool(List<Member> members) {
    this(members, new AtomicInteger());
  }

  private EndpointPool(List<Member> members, AtomicInteger turn) {
    this.members = members;
    this.turn = turn;
    this.cumulativeWeights = new int[members.size()];
    long all = members.stream().mapToLong(Member::weight).sum();
    // half of what fits: what is rounded up to 1 must fit as well
    int divisor = all <= MOST ? 1 : (int) Math.ceilDiv(all, MOST / 2);
    int sum = 0;
    boolean differ = false;
    for (int i = 0; i < cumulativeWeights.length; i++) {
      sum += Math.max(1, members.get(i).weight() / divisor);
      cumulativeWeights[i] = sum;
      differ |= members.get(i).weight() != members.getFirst().weight();
    }
    this.weighted = differ;
  }

  /** The others; turns are shared. Empty when there is none. */
  Optional<EndpointPool> without(Endpoint left) {
    List<Member> others = members.stream().filter(member -> member.endpoint() != left).toList();
    if (others.size() == members.size()) {
      return Optional.of(this);
    }
    return others.isEmpty() ? Optional.empty() : Optional.of(new EndpointPool(others, turn));
  }

  Endpoint choose(Cluster.LoadBalancing policy, IntUnaryOperator random) {
    int count = members.size();
    if (count < 2) {
      return members.getFirst().endpoint();
    }
    return switch (policy) {
      case LEAST_REQUEST -> {
        Endpoint one = pick(random);
        Endpoint other = pick(random);
        yield other.active().get() < one.active().get() ? other : one;
      }
      case ROUND_ROBIN, CLUSTER_PROVIDED ->
          members.get(Math.floorMod(turn.getAndIncrement(), count)).endpoint();
      case RANDOM -> pick(random);
    };
  }

  private Endpoint pick(IntUnaryOperator random) {
    if (!weighted) {
      return members.get(random.applyAsInt(members.size())).endpoint();
    }
    int ticket = random.applyAsInt(cumulativeWeights[cumulativeWeights.length - 1]);
    int found = Arrays.binarySearch(cumulativeWeights, ticket + 1);
    return members.get(found >= 0 ? found : -found - 1).endpoint();
  }
}
