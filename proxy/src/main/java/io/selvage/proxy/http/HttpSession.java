package io.selvage.proxy.http;

import io.selvage.pki.WorkloadCertificate;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.accept.VerifiedPeer;
import io.selvage.proxy.http1.HttpDate;
import io.selvage.proxy.http1.Xfcc;
import io.selvage.proxy.telemetry.EdgeMetrics;
import io.selvage.proxy.upstream.Endpoint;
import io.selvage.proxy.upstream.UpstreamCluster;
import org.jspecify.annotations.Nullable;

/**
 * What the requests of one connection share: the peer and the stack that hold now, and what was
 * worked out for them. Belongs to the connection's event loop.
 */
final class HttpSession {
  private HttpStack stack;
  private VerifiedPeer peer;
  private Xfcc clientCert;
  private CompiledAuthorization enforced;
  private final RequestIds ids;
  private final HttpDate date;
  private @Nullable UpstreamCluster edgeCluster;
  private @Nullable Endpoint edgeEndpoint;
  private @Nullable EdgeMetrics edge;
  private boolean edgeGrpc;

  HttpSession(HttpStack stack, VerifiedPeer peer) {
    this.stack = stack;
    this.peer = peer;
    this.enforced = stack.authorization();
    this.clientCert = clientCert(stack, peer);
    this.ids = new RequestIds(stack.random());
    this.date = new HttpDate(stack.clock());
  }

  private static Xfcc clientCert(HttpStack stack, VerifiedPeer peer) {
    WorkloadCertificate own = peer.own();
    return Xfcc.of(
        stack.config().forwardedClientCert(),
        own == null ? "" : own.spiffeId().toString(),
        peer.identity().orElse(null));
  }

  /** Takes over what was configured since the last request. */
  void refresh() {
    VerifiedPeer current = peer.current();
    if (current != peer && current.chain().stack() instanceof HttpStack newer) {
      peer = current;
      stack = newer;
      clientCert = clientCert(newer, current);
      edge = null;
    }
  }

  /**
   * Likewise, when everybody is told of it.
   *
   * @return the policy that was enforced the last time, if it is another one now, so that what is
   *     under way is to be decided again; else null
   */
  @Nullable CompiledAuthorization replacedPolicy() {
    refresh();
    CompiledAuthorization before = enforced;
    enforced = stack.authorization();
    return enforced == before ? null : before;
  }

  HttpStack stack() {
    return stack;
  }

  VerifiedPeer peer() {
    return peer;
  }

  Xfcc clientCert() {
    return clientCert;
  }

  RequestIds ids() {
    return ids;
  }

  HttpDate date() {
    return date;
  }

  boolean isDraining() {
    return peer.chain().isDraining();
  }

  /**
   * The metrics of this connection's requests to an endpoint, remembered from one to the next; null
   * where a request gets no further.
   */
  EdgeMetrics edge(@Nullable UpstreamCluster cluster, @Nullable Endpoint endpoint, boolean grpc) {
    EdgeMetrics known = edge;
    if (known == null || edgeCluster != cluster || edgeEndpoint != endpoint || edgeGrpc != grpc) {
      known = stack.reports().edge(peer, cluster, endpoint, grpc ? "grpc" : "http");
      edge = known;
      edgeCluster = cluster;
      edgeEndpoint = endpoint;
      edgeGrpc = grpc;
    }
    return known;
  }
}
