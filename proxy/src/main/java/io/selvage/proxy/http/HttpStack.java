package io.selvage.proxy.http;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.selvage.policy.Authorization;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.accept.ConnectionStack;
import io.selvage.proxy.accept.VerifiedPeer;
import io.selvage.proxy.accept.WorkloadReports;
import io.selvage.proxy.extauthz.ExternalAuthorizers;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.PathNormalizer;
import io.selvage.proxy.telemetry.Reporting;
import io.selvage.proxy.upstream.ClusterCheckTransport;
import io.selvage.proxy.upstream.Clusters;
import io.selvage.xds.resource.ExternalAuthorizer;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.RouteConfiguration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** A connection manager at work: everything about it that no request changes. */
public final class HttpStack implements ConnectionStack {
  private final NetworkStack.Http config;
  private final CompiledAuthorization authorization;
  private final int stagesBeforeTokens;
  private final TokenCheck tokens;
  private final ExternalAuthorizers authorizers;
  private final RouteTables.Slot routes;
  private final Reporting reporting;
  private final WorkloadReports reports;
  private final LongSupplier random;
  private final InstantSource clock;
  private final HttpLimits limits;
  private final PathNormalizer normalization;
  private final Optional<HeaderLine> server;

  private HttpStack(
      NetworkStack.Http config,
      CompiledAuthorization authorization,
      int stagesBeforeTokens,
      TokenCheck tokens,
      ExternalAuthorizers authorizers,
      RouteTables.Slot routes,
      Reporting reporting,
      WorkloadReports reports,
      LongSupplier random,
      InstantSource clock) {
    this.config = config;
    this.authorization = authorization;
    this.stagesBeforeTokens = stagesBeforeTokens;
    this.tokens = tokens;
    this.authorizers = authorizers;
    this.routes = routes;
    this.reporting = reporting;
    this.reports = reports;
    this.random = random;
    this.clock = clock;
    this.limits = HttpLimits.of(config.limits());
    this.normalization = PathNormalizer.of(config.pathNormalization());
    this.server =
        config.serverName().isEmpty()
            ? Optional.empty()
            : Optional.of(HeaderLine.of("server", config.serverName()));
  }

  /**
   * Makes a connection manager ready.
   *
   * @param compile compiles policy, the same once
   * @param random 64 random bits, for request ids
   */
  public static HttpStack compile(
      NetworkStack.Http config,
      Function<Authorization, CompiledAuthorization> compile,
      RouteTables routes,
      Clusters clusters,
      Reporting reporting,
      WorkloadReports reports,
      LongSupplier random,
      InstantSource clock) {
    List<Authorization.Stage> stages = new ArrayList<>();
    List<ExternalAuthorizer> providers = new ArrayList<>();
    List<HttpFilter.JwtAuthentication> tokens = new ArrayList<>();
    int before = 0; // istiod has CUSTOM ask before tokens are looked at, let alone taken off
    for (HttpFilter filter : config.filters()) {
      switch (filter) {
        case HttpFilter.JwtAuthentication jwt -> {
          if (tokens.isEmpty()) {
            before = stages.size();
          }
          tokens.add(jwt);
        }
        case HttpFilter.Authorize authorize -> {
          stages.addAll(authorize.authorization().stages());
          providers.addAll(authorize.providers());
        }
        case HttpFilter.Discovered(String name) ->
            throw new IllegalArgumentException("filter " + name + " is not here");
        case HttpFilter.PassedOver _ -> {}
      }
    }
    RouteTables.Slot slot =
        switch (config.routes()) {
          case NetworkStack.RouteSource.Named(String name) -> routes.slot(name);
          case NetworkStack.RouteSource.Inline(RouteConfiguration inline) -> routes.inline(inline);
        };
    return new HttpStack(
        config,
        compile.apply(new Authorization(List.copyOf(stages))),
        before,
        TokenCheck.of(tokens, clock),
        new ExternalAuthorizers(
            providers, cluster -> new ClusterCheckTransport(clusters.slot(cluster))),
        slot,
        reporting,
        reports,
        random,
        clock);
  }

  @Override
  public void begin(ChannelHandlerContext at, VerifiedPeer peer) {
    HttpSession session = new HttpSession(this, peer);
    boolean http2 =
        config.codec() == NetworkStack.Codec.HTTP2
            || (config.codec() == NetworkStack.Codec.AUTO
                && peer.applicationProtocol().equals("h2"));
    ChannelHandler handler = http2 ? new Http2Downstream(session) : new Http1Downstream(session);
    at.pipeline().replace(at.handler(), "http", handler);
  }

  @Override
  public CompiledAuthorization authorization() {
    return authorization;
  }

  @Override
  public Reporting reporting() {
    return reporting;
  }

  NetworkStack.Http config() {
    return config;
  }

  /** How many stages of the policy decide before tokens are checked. */
  int stagesBeforeTokens() {
    return stagesBeforeTokens;
  }

  TokenCheck tokens() {
    return tokens;
  }

  ExternalAuthorizers authorizers() {
    return authorizers;
  }

  RouteTables.Slot routes() {
    return routes;
  }

  WorkloadReports reports() {
    return reports;
  }

  LongSupplier random() {
    return random;
  }

  InstantSource clock() {
    return clock;
  }

  HttpLimits limits() {
    return limits;
  }

  PathNormalizer normalization() {
    return normalization;
  }

  Optional<HeaderLine> server() {
    return server;
  }
}
