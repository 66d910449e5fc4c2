package io.selvage.xds.parse;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.selvage.xds.resource.RouteConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Route configurations. */
final class RouteParser {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private RouteParser() {}

  static RouteConfiguration parse(
      io.envoyproxy.envoy.config.route.v3.RouteConfiguration from, At at) {
    List<RouteConfiguration.VirtualHost> hosts = new ArrayList<>();
    for (int i = 0; i < from.getVirtualHostsCount(); i++) {
      hosts.add(virtualHost(from.getVirtualHosts(i), at.item("virtual_hosts", i)));
    }
    return new RouteConfiguration(
        from.getName(), List.copyOf(hosts), from.getIgnorePortInHostMatching());
  }

  private static RouteConfiguration.VirtualHost virtualHost(VirtualHost from, At at) {
    if (from.getDomainsCount() == 0) {
      at.field("domains").refuse("is empty");
    }
    perFilter(from.getTypedPerFilterConfigMap(), at);
    List<RouteConfiguration.Route> routes = new ArrayList<>();
    for (int i = 0; i < from.getRoutesCount(); i++) {
      routes.add(route(from.getRoutes(i), at.item("routes", i)));
    }
    return new RouteConfiguration.VirtualHost(
        from.getName(), List.copyOf(from.getDomainsList()), List.copyOf(routes));
  }

  /** What overrides a filter's configuration could switch authorization off. */
  private static void perFilter(Map<String, Any> configs, At at) {
    configs.forEach(
        (name, config) -> {
          String type = Values.typeName(config);
          if (!Understood.isPassedOver(type)) {
            at.entry("typed_per_filter_config", name)
                .refuse("overrides a filter that matters: " + At.quote(type));
          }
        });
  }

  private static RouteConfiguration.Route route(Route from, At at) {
    perFilter(from.getTypedPerFilterConfigMap(), at);
    return new RouteConfiguration.Route(
        from.getName(),
        path(from.getMatch(), at.field("match")),
        headers(from.getMatch(), at.field("match")),
        action(from, at));
  }

  private static RouteConfiguration.PathMatch path(RouteMatch from, At at) {
    if (from.hasCaseSensitive() && !from.getCaseSensitive().getValue()) {
      at.field("case_sensitive").refuse("must be true");
    }
    return switch (from.getPathSpecifierCase()) {
      case PREFIX -> new RouteConfiguration.PathMatch.Prefix(from.getPrefix());
      case PATH -> new RouteConfiguration.PathMatch.Exact(from.getPath());
      case SAFE_REGEX,
          CONNECT_MATCHER,
          PATH_SEPARATED_PREFIX,
          PATH_MATCH_POLICY,
          PATHSPECIFIER_NOT_SET -> {
        at.refuse(from.getPathSpecifierCase() + " is not understood; prefix and path are");
        yield new RouteConfiguration.PathMatch.Prefix("/");
      }
    };
  }

  private static List<RouteConfiguration.HeaderMatch> headers(RouteMatch from, At at) {
    List<RouteConfiguration.HeaderMatch> to = new ArrayList<>();
    for (int i = 0; i < from.getHeadersCount(); i++) {
      At place = at.item("headers", i);
      HeaderParser.HeaderTest test = HeaderParser.parse(from.getHeaders(i), place);
      if (test.absent() || test.inverted()) {
        place.refuse("asks for what must not match, which is not understood in routes");
      }
      to.add(new RouteConfiguration.HeaderMatch(test.name(), test.match()));
    }
    return List.copyOf(to);
  }

  private static RouteConfiguration.Action action(Route from, At at) {
    return switch (from.getActionCase()) {
      case ROUTE -> forward(from.getRoute(), at.field("route"));
      case DIRECT_RESPONSE -> {
        At place = at.field("direct_response");
        int status = from.getDirectResponse().getStatus();
        if (status < 200 || status > 599) {
          place.field("status").refuse("is no HTTP status: " + status);
        }
        yield new RouteConfiguration.Action.Respond(
            status,
            from.getDirectResponse().hasBody()
                ? Values.text(from.getDirectResponse().getBody(), place.field("body"))
                : "");
      }
      case REDIRECT, FILTER_ACTION, NON_FORWARDING_ACTION, ACTION_NOT_SET -> {
        at.refuse(from.getActionCase() + " is not understood; route and direct_response are");
        yield new RouteConfiguration.Action.Respond(503, "");
      }
    };
  }

  private static RouteConfiguration.Action forward(RouteAction from, At at) {
    Optional<Duration> longest =
        from.getMaxStreamDuration().hasMaxStreamDuration()
            ? Optional.of(
                Values.duration(
                    from.getMaxStreamDuration().getMaxStreamDuration(),
                    at.field("max_stream_duration")))
            : Optional.empty();
    return new RouteConfiguration.Action.Forward(
        Values.filled(from.getCluster(), at.field("cluster")),
        Values.duration(from.hasTimeout(), from.getTimeout(), TIMEOUT, at.field("timeout")),
        from.hasRetryPolicy() ? Optional.of(retry(from)) : Optional.empty(),
        longest);
  }

  private static RouteConfiguration.RetryPolicy retry(RouteAction from) {
    var policy = from.getRetryPolicy();
    return new RouteConfiguration.RetryPolicy(
        Stream.of(policy.getRetryOn().split(",", -1))
            .map(String::strip)
            .filter(word -> !word.isEmpty())
            .toList(),
        Values.clamped(policy.hasNumRetries(), policy.getNumRetries(), 1),
        List.copyOf(policy.getRetriableStatusCodesList()));
  }
}
