package io.selvage.proxy.http;

import io.selvage.policy.ByteSlice;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.upstream.Clusters;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.RouteConfiguration.Action;
import io.selvage.xds.resource.RouteConfiguration.PathMatch;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The routes of one configuration, ready to be asked: exact domains before the longest {@code
 * *suffix}, before the longest {@code prefix*}, before {@code *}; then the first route that
 * matches.
 */
final class RouteTable {
  /**
   * A route.
   *
   * @param config as configured
   * @param target where to, for {@link Action.Forward}
   */
  record Entry(RouteConfiguration.Route config, Optional<Target> target) {}

  /**
   * Where a route goes.
   *
   * @param cluster the place of the cluster
   * @param timeoutNanos zero: none
   */
  record Target(Clusters.Slot cluster, long timeoutNanos, Optional<RetryPolicy> retry) {}

  private record Wildcard(String text, List<Entry> routes) {}

  private final HostIndex<List<Entry>> exact;
  private final List<Wildcard> suffixes = new ArrayList<>();
  private final List<Wildcard> prefixes = new ArrayList<>();
  private final @Nullable List<Entry> any;
  private final boolean ignorePort;

  RouteTable(RouteConfiguration config, Clusters clusters) {
    Map<String, List<Entry>> byHost = new HashMap<>();
    List<Entry> everything = null;
    for (RouteConfiguration.VirtualHost host : config.virtualHosts()) {
      List<Entry> routes = host.routes().stream().map(route -> entry(route, clusters)).toList();
      for (String domain : host.domains()) {
        String name = domain.toLowerCase(Locale.ROOT);
        if (name.equals("*")) {
          everything = routes;
        } else if (name.startsWith("*")) {
          suffixes.add(new Wildcard(name.substring(1), routes));
        } else if (name.endsWith("*")) {
          prefixes.add(new Wildcard(name.substring(0, name.length() - 1), routes));
        } else {
          byHost.putIfAbsent(name, routes);
        }
      }
    }
    this.exact = new HostIndex<>(byHost);
    this.any = everything;
    this.ignorePort = config.ignorePortInHost();
    suffixes.sort((a, b) -> Integer.compare(b.text().length(), a.text().length()));
    prefixes.sort((a, b) -> Integer.compare(b.text().length(), a.text().length()));
  }

  private static Entry entry(RouteConfiguration.Route route, Clusters clusters) {
    return switch (route.action()) {
      case Action.Forward forward ->
          new Entry(
              route,
              Optional.of(
                  new Target(
                      clusters.slot(forward.cluster()),
                      forward.timeout().toNanos(),
                      forward.retry())));
      case Action.Respond _ -> new Entry(route, Optional.empty());
    };
  }

  /** The route of this request, or null. */
  @Nullable Entry find(HeadBuffer head) {
    List<Entry> routes = routesOf(head.authority());
    if (routes == null) {
      return null;
    }
    for (Entry entry : routes) {
      if (matches(entry.config(), head)) {
        return entry;
      }
    }
    return null;
  }

  private @Nullable List<Entry> routesOf(ByteSlice authority) {
    int length = ignorePort ? lengthWithoutPort(authority) : authority.length();
    List<Entry> found = exact.find(authority, length);
    if (found != null) {
      return found;
    }
    if (suffixes.isEmpty() && prefixes.isEmpty()) {
      return any;
    }
    String name = authority.toString().substring(0, length).toLowerCase(Locale.ROOT);
    for (Wildcard suffix : suffixes) {
      if (name.length() > suffix.text().length() && name.endsWith(suffix.text())) {
        return suffix.routes();
      }
    }
    for (Wildcard prefix : prefixes) {
      if (name.length() > prefix.text().length() && name.startsWith(prefix.text())) {
        return prefix.routes();
      }
    }
    return any;
  }

  private static int lengthWithoutPort(ByteSlice authority) {
    for (int i = authority.length() - 1; i > 0; i--) {
      int c = authority.byteAt(i);
      if (c == ':') {
        return i;
      }
      if (c < '0' || c > '9') {
        break;
      }
    }
    return authority.length();
  }

  private static boolean matches(RouteConfiguration.Route route, HeadBuffer head) {
    boolean path =
        switch (route.path()) {
          case PathMatch.Prefix(String prefix) -> startsWith(head.path(), prefix);
          case PathMatch.Exact(String exact) ->
              head.path().length() == exact.length() && startsWith(head.path(), exact);
        };
    if (!path) {
      return false;
    }
    for (RouteConfiguration.HeaderMatch match : route.headers()) {
      ByteSlice value = head.header(match.name(), 0);
      if (value == null || !match.match().matches(value.toString())) {
        return false;
      }
    }
    return true;
  }

  private static boolean startsWith(ByteSlice path, String prefix) {
    if (path.length() < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (path.byteAt(i) != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
