package io.selvage.proxy.upstream;

import io.netty.channel.EventLoop;
import io.selvage.proxy.http1.BodyReader;
import io.selvage.proxy.http1.Exchange;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.tls.ClientTls;
import io.selvage.proxy.upstream.UpstreamFailure.Kind;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A cluster at work: its endpoints, how one is chosen, and what it may carry at once. */
public final class UpstreamCluster {
  private static final int MAX_DIALLED = 4096;

  private final Cluster config;
  private final Upstreams upstreams;
  private final Connecting connecting;
  private final List<TransportTls> transports;
  private final AtomicInteger requests = new AtomicInteger();
  private final Map<InetSocketAddress, Endpoint> dialled = new ConcurrentHashMap<>();
  private final @Nullable Outliers outliers;
  private volatile EndpointChoice choice;

  private record TransportTls(Map<String, String> labels, Optional<ClientTls> tls) {}

  UpstreamCluster(Cluster config, Upstreams upstreams) {
    this.config = config;
    this.upstreams = upstreams;
    this.connecting =
        new Connecting(
            upstreams,
            config.connectTimeout(),
            config.bindAddress().map(address -> new InetSocketAddress(address, 0)),
            Http1Limit.of(config.limits()));
    this.outliers =
        config
            .outliers()
            .map(rules -> new Outliers(rules, upstreams.nanoTime(), this::reconsider))
            .orElse(null);
    this.choice =
        EndpointChoice.none(
            new EndpointChoice.Rules(
                config.byLocality(),
                config.outliers().map(Cluster.OutlierDetection::minHealthPercent).orElse(0)));
    this.transports =
        config.transport().stream()
            .map(
                match -> new TransportTls(match.labels(), match.tls().map(upstreams.tls()::client)))
            .toList();
  }

  /** As configured. */
  public Cluster config() {
    return config;
  }

  /** Requests and connections under way, all event loops together. */
  public AtomicInteger requests() {
    return requests;
  }

  /** Puts other endpoints in place; those that stay keep their connections. */
  synchronized void endpoints(ClusterLoadAssignment assignment) {
    EndpointChoice before = choice;
    choice = before.replacedBy(assignment, this::endpoint);
    before.endpoints().stream()
        .filter(endpoint -> !choice.endpoints().contains(endpoint))
        .forEach(Endpoint::retire);
    if (outliers != null) {
      outliers.retain(
          choice.endpoints().stream()
              .map(Endpoint::answers)
              .filter(java.util.Objects::nonNull)
              .toList());
    }
  }

  private synchronized void reconsider() {
    choice = choice.reconsidered();
  }

  private EndpointChoice choice() {
    if (outliers != null) {
      outliers.look();
    }
    EndpointChoice now = choice;
    now.passedOver().forEach(Endpoint::tryAgain);
    return now;
  }

  private Endpoint endpoint(InetSocketAddress address, ClusterLoadAssignment.Endpoint config) {
    return new Endpoint(
        address,
        config.weight(),
        tls(config.transport()),
        config.workload(),
        upstreams,
        connecting,
        outliers == null ? null : outliers.of(() -> choice.endpoints().size()),
        this::reconsider);
  }

  private @Nullable ClientTls tls(Map<String, String> labels) {
    for (TransportTls transport : transports) {
      if (labels.entrySet().containsAll(transport.labels().entrySet())) {
        return transport.tls().orElse(null);
      }
    }
    return null;
  }

  /**
   * Chooses an endpoint.
   *
   * @param dialled what the client dialled, for clusters that go there
   * @return null when there is none
   */
  public @Nullable Endpoint choose(InetSocketAddress dialled) {
    return switch (config.discovery()) {
      case Cluster.Discovery.OriginalDestination _ -> atOriginalDestination(dialled);
      case Cluster.Discovery.None _ -> null;
      case Cluster.Discovery.Eds _, Cluster.Discovery.Static _, Cluster.Discovery.StrictDns _ ->
          choice().choose(config.loadBalancing(), upstreams.random());
    };
  }

  /**
   * Chooses an endpoint other than {@code last}, which has just failed; that one if it is alone.
   */
  public @Nullable Endpoint chooseAfter(Endpoint last, InetSocketAddress dialled) {
    return switch (config.discovery()) {
      case Cluster.Discovery.OriginalDestination _, Cluster.Discovery.None _ -> choose(dialled);
      case Cluster.Discovery.Eds _, Cluster.Discovery.Static _, Cluster.Discovery.StrictDns _ ->
          choice().without(last).choose(config.loadBalancing(), upstreams.random());
    };
  }

  private @Nullable Endpoint atOriginalDestination(InetSocketAddress address) {
    Endpoint known = dialled.get(address);
    if (known != null) {
      return known;
    }
    if (dialled.size() >= MAX_DIALLED) {
      dialled.values().removeIf(endpoint -> endpoint.active().get() == 0 && retired(endpoint));
    }
    return dialled.computeIfAbsent(
        address,
        a ->
            new Endpoint(
                a,
                1,
                tls(Map.of()),
                ClusterLoadAssignment.Workload.UNKNOWN,
                upstreams,
                connecting));
  }

  private static boolean retired(Endpoint endpoint) {
    endpoint.retire();
    return true;
  }

  /** Why no more may begin here, or null. */
  public @Nullable UpstreamFailure overload() {
    return requests.get() >= config.limits().maxRequests()
        ? UpstreamFailure.early(Kind.OVERFLOW, config.name() + " has its most requests under way")
        : null;
  }

  /** Whether requests go out as HTTP/2 when the client's came as {@code clientHttp2}. */
  public boolean speaksHttp2(boolean clientHttp2) {
    return switch (config.protocol()) {
      case HTTP1 -> false;
      case HTTP2 -> true;
      case USE_DOWNSTREAM -> clientHttp2;
    };
  }

  /** Sends a request to an endpoint of this cluster. */
  public UpstreamStream send(
      Endpoint endpoint,
      EventLoop loop,
      boolean http2,
      HeadBuffer head,
      BodyForm form,
      Exchange exchange,
      BodyReader.Output output,
      ResponseListener listener) {
    return http2
        ? endpoint.http2(loop, head, form, listener)
        : endpoint.http1(loop, head, form, exchange, output, listener);
  }

  void sweep() {
    choice.endpoints().forEach(Endpoint::sweep);
    dialled.values().forEach(Endpoint::sweep);
  }

  void retire() {
    choice.endpoints().forEach(Endpoint::retire);
    dialled.values().forEach(Endpoint::retire);
  }
}
