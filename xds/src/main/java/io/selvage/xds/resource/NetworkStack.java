package io.selvage.xds.resource;

import io.selvage.policy.Authorization;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is done with the bytes of a connection: HTTP is understood, or TCP is relayed. */
public sealed interface NetworkStack {
  /**
   * Names of the {@link ExtensionConfig}s that it stands for and does not hold; none in a
   * configuration that is whole.
   */
  List<String> discovered();

  /**
   * {@code envoy.filters.network.tcp_proxy}, with the network RBAC (and ext_authz) filters before
   * it.
   *
   * @param statPrefix for metrics
   * @param authorization decided once, on connection
   * @param customProviders where CUSTOM stages of {@code authorization} find their provider
   * @param discovered names of the {@link ExtensionConfig}s whose rules follow those of {@code
   *     authorization}; none in a configuration that is whole
   * @param cluster where to
   * @param idleTimeout zero: never
   * @param accessLog written when the connection ends
   */
  record Tcp(
      String statPrefix,
      Authorization authorization,
      List<ExternalAuthorizer> customProviders,
      List<String> discovered,
      String cluster,
      Duration idleTimeout,
      Optional<AccessLog> accessLog)
      implements NetworkStack {
    /** With all of its authorization in it. */
    public Tcp(
        String statPrefix,
        Authorization authorization,
        List<ExternalAuthorizer> customProviders,
        String cluster,
        Duration idleTimeout,
        Optional<AccessLog> accessLog) {
      this(statPrefix, authorization, customProviders, List.of(), cluster, idleTimeout, accessLog);
    }

    /** The same with all of its authorization in it. */
    public Tcp holding(Authorization whole) {
      return new Tcp(statPrefix, whole, customProviders, cluster, idleTimeout, accessLog);
    }
  }

  /**
   * {@code envoy.filters.network.http_connection_manager}.
   *
   * @param statPrefix for metrics
   * @param codec which HTTP versions are taken
   * @param filters in order; the router is implied at the end
   * @param routes where routes come from
   * @param pathNormalization done before any filter sees the path
   * @param forwardedClientCert what becomes of {@code X-Forwarded-Client-Cert}
   * @param limits sizes and times
   * @param webSocket Upgrade: websocket is allowed
   * @param xffTrustedHops how many addresses at the right of X-Forwarded-For are trusted
   * @param useRemoteAddress append the peer's address to X-Forwarded-For
   * @param serverName value of the {@code server} response header
   * @param accessLog written when a request ends
   */
  record Http(
      String statPrefix,
      Codec codec,
      List<HttpFilter> filters,
      RouteSource routes,
      PathNormalization pathNormalization,
      ForwardedClientCert forwardedClientCert,
      HttpLimits limits,
      boolean webSocket,
      int xffTrustedHops,
      boolean useRemoteAddress,
      String serverName,
      Optional<AccessLog> accessLog)
      implements NetworkStack {
    @Override
    public List<String> discovered() {
      return filters.stream()
          .filter(HttpFilter.Discovered.class::isInstance)
          .map(filter -> ((HttpFilter.Discovered) filter).name())
          .toList();
    }

    /** The same with other filters. */
    public Http with(List<HttpFilter> others) {
      return new Http(
          statPrefix,
          codec,
          others,
          routes,
          pathNormalization,
          forwardedClientCert,
          limits,
          webSocket,
          xffTrustedHops,
          useRemoteAddress,
          serverName,
          accessLog);
    }
  }

  /** Which HTTP versions a connection manager takes. */
  enum Codec {
    /** By ALPN, or by HTTP/2's preface. */
    AUTO,
    /** HTTP/1.1 only. */
    HTTP1,
    /** HTTP/2 only. */
    HTTP2
  }

  /** Istio's {@code ProxyPathNormalization}, as the connection manager's options spell it. */
  enum PathNormalization {
    /** As it came. */
    NONE,
    /** RFC 3986 dot segments, unreserved escapes, backslashes. */
    BASE,
    /** BASE, and {@code //} becomes {@code /}. */
    MERGE_SLASHES,
    /** MERGE_SLASHES after decoding {@code %2F} and {@code %5C}. */
    DECODE_AND_MERGE_SLASHES
  }

  /** Where a connection manager's routes come from. */
  sealed interface RouteSource {
    /** By RDS. */
    record Named(String routeConfigurationName) implements RouteSource {}

    /** In the listener. */
    record Inline(RouteConfiguration routes) implements RouteSource {}
  }

  /**
   * What becomes of {@code X-Forwarded-Client-Cert} ({@code ForwardClientCertDetails}).
   *
   * @param mode what is done
   * @param subject with {@code Subject=}
   * @param uri with {@code URI=}
   * @param dns with {@code DNS=}
   * @param cert with {@code Cert=}
   * @param chain with {@code Chain=}
   */
  record ForwardedClientCert(
      Mode mode, boolean subject, boolean uri, boolean dns, boolean cert, boolean chain) {
    /** {@code ForwardClientCertDetails}. */
    public enum Mode {
      /** Drop. */
      SANITIZE,
      /** Keep when the connection is mTLS. */
      FORWARD_ONLY,
      /** Append this connection's element when it is mTLS. */
      APPEND_FORWARD,
      /** Replace by this connection's element. */
      SANITIZE_SET,
      /** Keep always. */
      ALWAYS_FORWARD_ONLY
    }

    /** Istio's inbound sidecar. */
    public static final ForwardedClientCert SIDECAR_INBOUND =
        new ForwardedClientCert(Mode.APPEND_FORWARD, true, true, true, false, false);

    /** Drops the header: what outbound listeners do. */
    public static final ForwardedClientCert SANITIZE =
        new ForwardedClientCert(Mode.SANITIZE, false, false, false, false, false);
  }

  /**
   * Limits of one HTTP connection manager.
   *
   * @param maxRequestHeadersKiB KiB of a head
   * @param maxHeaders number of header fields
   * @param maxConcurrentStreams HTTP/2
   * @param requestHeadersTimeout from the first byte of a head to its end; zero: none
   * @param streamIdleTimeout without any byte either way; zero: none
   * @param connectionIdleTimeout without a request; zero: none
   * @param drainTimeout from GOAWAY or {@code Connection: close} to closing
   */
  record HttpLimits(
      int maxRequestHeadersKiB,
      int maxHeaders,
      int maxConcurrentStreams,
      Duration requestHeadersTimeout,
      Duration streamIdleTimeout,
      Duration connectionIdleTimeout,
      Duration drainTimeout) {
    /**
     * Envoy's defaults, with its advice for edge proxies for the time of a head. Not for streams: a
     * sidecar's client is its own application or a peer, and Istio leaves their number at Envoy's.
     */
    public static final HttpLimits DEFAULT =
        new HttpLimits(
            60,
            100,
            1024,
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            Duration.ofHours(1),
            Duration.ofSeconds(5));

    /** The same where a stream may be silent for as long as it likes. */
    public HttpLimits withPatientStreams() {
      return new HttpLimits(
          maxRequestHeadersKiB,
          maxHeaders,
          maxConcurrentStreams,
          requestHeadersTimeout,
          Duration.ZERO,
          connectionIdleTimeout,
          drainTimeout);
    }
  }
}
