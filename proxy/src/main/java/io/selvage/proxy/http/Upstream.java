package io.selvage.proxy.http;

import io.selvage.proxy.authorize.Permit;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.upstream.Endpoint;
import io.selvage.proxy.upstream.UpstreamCluster;
import io.selvage.proxy.upstream.UpstreamFailure;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import io.selvage.xds.resource.RouteConfiguration.Action;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a permitted request goes. Only {@link #route} makes one, and it takes a {@link Permit}. */
final class Upstream implements Routed {
  private final Permit permit;
  private final RouteTable.Entry entry;
  private final RouteTable.Target target;
  private final UpstreamCluster cluster;
  private final Endpoint endpoint;

  private Upstream(
      Permit permit,
      RouteTable.Entry entry,
      RouteTable.Target target,
      UpstreamCluster cluster,
      Endpoint endpoint) {
    this.permit = permit;
    this.entry = entry;
    this.target = target;
    this.cluster = cluster;
    this.endpoint = endpoint;
  }

  /** Finds the route, its cluster and one of its endpoints. */
  static Routed route(Permit permit, @Nullable RouteTable routes, HeadBuffer head) {
    RouteTable.Entry entry = routes == null ? null : routes.find(head);
    if (entry == null) {
      return LocalReply.NO_ROUTE;
    }
    if (entry.target().isEmpty()) {
      return entry.config().action() instanceof Action.Respond(int status, String body)
          ? new LocalReply(status, body, List.of(), Optional.empty(), "direct_response")
          : LocalReply.NO_ROUTE;
    }
    RouteTable.Target target = entry.target().get();
    UpstreamCluster cluster = target.cluster().cluster();
    if (cluster == null) {
      return LocalReply.NO_CLUSTER;
    }
    UpstreamFailure overload = cluster.overload();
    if (overload != null) {
      return LocalReply.of(overload);
    }
    Endpoint endpoint = cluster.choose(permit.peer().destination());
    return endpoint == null
        ? LocalReply.of(
            UpstreamFailure.early(Kind.NO_ENDPOINT, cluster.config().name() + " has no endpoint"))
        : new Upstream(permit, entry, target, cluster, endpoint);
  }

  /**
   * The same route, to an endpoint that is another one if there is any; null when there is none.
   */
  @Nullable Upstream again() {
    Endpoint other = cluster.chooseAfter(endpoint, permit.peer().destination());
    return other == null ? null : new Upstream(permit, entry, target, cluster, other);
  }

  RouteTable.Entry entry() {
    return entry;
  }

  RouteTable.Target target() {
    return target;
  }

  UpstreamCluster cluster() {
    return cluster;
  }

  Endpoint endpoint() {
    return endpoint;
  }
}
