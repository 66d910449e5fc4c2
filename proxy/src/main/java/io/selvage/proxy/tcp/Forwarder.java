package io.selvage.proxy.tcp;

import io.selvage.proxy.authorize.Permit;
import io.selvage.proxy.upstream.Endpoint;
import io.selvage.proxy.upstream.UpstreamCluster;
import io.selvage.proxy.upstream.UpstreamFailure;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import org.jspecify.annotations.Nullable;

/** Where a permitted connection goes. */
sealed interface Forwarder {
  /** It has an endpoint. */
  record To(UpstreamCluster cluster, Endpoint endpoint) implements Forwarder {}

  /** It has none. */
  record Nowhere(UpstreamFailure failure) implements Forwarder {}

  /** Chooses; takes a {@link Permit}, so that nothing is chosen for what was not permitted. */
  static Forwarder choose(Permit permit, TcpStack stack) {
    UpstreamCluster cluster = stack.cluster().cluster();
    if (cluster == null) {
      return nowhere(Kind.NO_ENDPOINT, "no cluster " + stack.cluster().name());
    }
    if (cluster.requests().get() >= cluster.config().limits().maxConnections()) {
      return nowhere(Kind.OVERFLOW, cluster.config().name() + " has its most connections");
    }
    @Nullable Endpoint endpoint = cluster.choose(permit.peer().destination());
    return endpoint == null
        ? nowhere(Kind.NO_ENDPOINT, cluster.config().name() + " has no endpoint")
        : new To(cluster, endpoint);
  }

  private static Nowhere nowhere(Kind kind, String detail) {
    return new Nowhere(UpstreamFailure.early(kind, detail));
  }
}
