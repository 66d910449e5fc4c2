package io.selvage.xds.encode;

import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.selvage.xds.resource.RouteConfiguration;

/** Route configurations. A missing cluster is an answer of 503, not a refused configuration. */
final class RouteEncoder {
  private RouteEncoder() {}

  static io.envoyproxy.envoy.config.route.v3.RouteConfiguration encode(RouteConfiguration from) {
    var to =
        io.envoyproxy.envoy.config.route.v3.RouteConfiguration.newBuilder()
            .setName(from.name())
            .setIgnorePortInHostMatching(from.ignorePortInHost())
            .setValidateClusters(Values.bool(false));
    from.virtualHosts().forEach(host -> to.addVirtualHosts(virtualHost(host)));
    return to.build();
  }

  private static VirtualHost virtualHost(RouteConfiguration.VirtualHost from) {
    VirtualHost.Builder to =
        VirtualHost.newBuilder().setName(from.name()).addAllDomains(from.domains());
    from.routes().forEach(route -> to.addRoutes(route(route)));
    return to.build();
  }

  private static Route route(RouteConfiguration.Route from) {
    Route.Builder to = Route.newBuilder().setName(from.name()).setMatch(match(from));
    switch (from.action()) {
      case RouteConfiguration.Action.Forward forward -> to.setRoute(forward(forward));
      case RouteConfiguration.Action.Respond(int status, String body) ->
          to.setDirectResponse(
              DirectResponseAction.newBuilder().setStatus(status).setBody(Values.text(body)));
    }
    return to.build();
  }

  private static RouteMatch match(RouteConfiguration.Route from) {
    RouteMatch.Builder to = RouteMatch.newBuilder();
    switch (from.path()) {
      case RouteConfiguration.PathMatch.Prefix(String value) -> to.setPrefix(value);
      case RouteConfiguration.PathMatch.Exact(String value) -> to.setPath(value);
    }
    from.headers()
        .forEach(header -> to.addHeaders(RbacEncoder.header(header.name(), header.match())));
    return to.build();
  }

  private static RouteAction forward(RouteConfiguration.Action.Forward from) {
    RouteAction.Builder to =
        RouteAction.newBuilder()
            .setCluster(from.cluster())
            .setTimeout(Values.duration(from.timeout()));
    from.maxStreamDuration()
        .ifPresent(
            duration ->
                to.setMaxStreamDuration(
                    RouteAction.MaxStreamDuration.newBuilder()
                        .setMaxStreamDuration(Values.duration(duration))));
    from.retry()
        .ifPresent(
            retry ->
                to.setRetryPolicy(
                    io.envoyproxy.envoy.config.route.v3.RetryPolicy.newBuilder()
                        .setRetryOn(String.join(",", retry.retryOn()))
                        .setNumRetries(Values.uint32(retry.retries()))
                        .addAllRetriableStatusCodes(retry.retriableStatusCodes())));
    return to.build();
  }
}
