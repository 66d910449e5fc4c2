package io.selvage.xds.encode;

import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.RouteConfiguration;

/** Route configurations. A missing cluster is an answer of 503, not a refused configuration. */
final class RouteEncoder {
  /**
   * A try goes to an endpoint that has not failed yet, as far as there is one: as istiod has it.
   */
  private static final RetryPolicy.RetryHostPredicate NOT_THE_SAME_HOST =
      RetryPolicy.RetryHostPredicate.newBuilder()
          .setName(EnvoyNames.PREVIOUS_HOSTS)
          .setTypedConfig(Packing.pack(PreviousHostsPredicate.getDefaultInstance()))
          .build();

  private static final int HOST_SELECTIONS = 5;

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
                    RetryPolicy.newBuilder()
                        .setRetryOn(String.join(",", retry.retryOn()))
                        .setNumRetries(Values.uint32(retry.retries()))
                        .addRetryHostPredicate(NOT_THE_SAME_HOST)
                        .setHostSelectionRetryMaxAttempts(HOST_SELECTIONS)
                        .addAllRetriableStatusCodes(retry.retriableStatusCodes())));
    return to.build();
  }
}
