package io.selvage.model;

import java.util.List;
import java.util.Map;

/**
 * How much a client prefers near endpoints ({@code LocalityLoadBalancerSetting}). Localities are
 * {@code region/zone/subzone}; {@code *} stands for any part.
 *
 * @param enabled false: all endpoints are the same to it
 * @param distribute shares by where the client is; where they are given, nothing else counts
 * @param failover which region is next when the client's own has nobody left
 * @param failoverPriority labels, the weightiest first, {@code name} or {@code name=value}: an
 *     endpoint comes the earlier, the more of them, from the first on, it has as the client has
 */
public record LocalityLoadBalancing(
    boolean enabled,
    List<Distribute> distribute,
    List<Failover> failover,
    List<String> failoverPriority) {
  /** Istio's own: near ones first, wherever an outlier detection makes failover possible. */
  public static final LocalityLoadBalancing DEFAULT =
      new LocalityLoadBalancing(true, List.of(), List.of(), List.of());

  public LocalityLoadBalancing {
    distribute = List.copyOf(distribute);
    failover = List.copyOf(failover);
    failoverPriority = List.copyOf(failoverPriority);
  }

  /**
   * Shares of traffic from one place.
   *
   * @param from locality of the client
   * @param to percentage by locality of the endpoint; together 100
   */
  public record Distribute(String from, Map<String, Integer> to) {
    public Distribute {
      to = Frozen.copy(to);
    }
  }

  /**
   * Where traffic goes next.
   *
   * @param from region of the client
   * @param to region of the endpoints
   */
  public record Failover(String from, String to) {}
}
