package io.selvage.control.generate;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.RouteConfiguration;
import java.util.List;

/**
 * The outbound side of the proxies of a namespace, shared by all of them.
 *
 * @param listeners {@code virtualOutbound} and those that it hands connections to
 * @param routes one for each HTTP port, and {@code http_proxy}
 * @param clusters what they lead to
 */
public record Outbound(
    List<Listener> listeners, List<RouteConfiguration> routes, List<Cluster> clusters) {

  /** Generates it. */
  public static Outbound of(OutboundInput input) {
    return new Outbound(OutboundListeners.of(input), Routes.of(input), OutboundClusters.of(input));
  }

  /**
   * The same for proxies to which nothing is redirected: without the listener that captured
   * connections come to, as Istio leaves it out for {@code INTERCEPTION_MODE: NONE}. Proxies on one
   * machine would otherwise contend for its port.
   */
  Outbound uncaptured() {
    return new Outbound(
        listeners.stream().filter(l -> !l.name().equals(Names.VIRTUAL_OUTBOUND)).toList(),
        routes,
        clusters);
  }
}
