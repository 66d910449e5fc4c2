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

  /** Generates it, with clusters that other namespaces may have, too. */
  static Outbound of(OutboundInput input, List<Cluster> clusters) {
    return new Outbound(OutboundListeners.of(input), Routes.of(input), clusters);
  }

  /** The routes of a proxy that nobody uses as an HTTP proxy: half of what all are. */
  public List<RouteConfiguration> routesOfCaptured() {
    return routes.stream().filter(route -> !route.name().equals(Names.HTTP_PROXY)).toList();
  }

  /**
   * The same for a proxy to which no connection is redirected: it would bind {@code
   * virtualOutbound} for nobody, on every address of a network that it shares.
   */
  Outbound withoutCapture() {
    return new Outbound(List.of(), routes, clusters);
  }
}
