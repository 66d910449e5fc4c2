package io.selvage.proxy;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.policy.Authorization;
import io.selvage.policy.StringMatch;
import io.selvage.proxy.telemetry.Workload;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.HttpFilter;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.RouteConfiguration.Action;
import io.selvage.xds.resource.RouteConfiguration.PathMatch;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;
import io.selvage.xds.resource.RouteConfiguration.Route;
import io.selvage.xds.resource.RouteConfiguration.VirtualHost;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Two workloads behind one engine: {@code sleep}, whose outbound listener leads by mTLS to {@code
 * httpbin}'s inbound one, which leads to a backend of the test's. All on loopback, all ports free
 * ones.
 */
public final class TestMesh implements AutoCloseable {
  public static final int PORT = 8000;
  public static final String SLEEP = "spiffe://cluster.local/ns/sample/sa/sleep";
  public static final String HTTPBIN = "spiffe://cluster.local/ns/sample/sa/httpbin";

  /** Name of the cluster of an external authorizer that speaks HTTP/2. */
  static final String AUTHORIZER = "outbound|9000||authorizer";

  static final String INBOUND = "virtualInbound";
  static final String OUTBOUND = "outbound";

  private final ProxyEngine engine;
  private final CertificateAuthority authority;
  private final WorkloadProxy sleep;
  private final WorkloadProxy httpbin;
  private final int backend;
  private Optional<Cluster> authorizer = Optional.empty();

  /** What differs between tests. */
  public record Options(
      Authorization authorization,
      boolean strict,
      NetworkStack.Codec codec,
      Cluster.UpstreamProtocol toPeer,
      Cluster.UpstreamProtocol toBackend,
      Duration timeout,
      Optional<RetryPolicy> retry,
      boolean tcp,
      NetworkStack.HttpLimits limits,
      NetworkStack.PathNormalization paths,
      List<HttpFilter> filters) {
    public static final Options PLAIN =
        new Options(
            Authorization.NONE,
            true,
            NetworkStack.Codec.AUTO,
            Cluster.UpstreamProtocol.HTTP1,
            Cluster.UpstreamProtocol.HTTP1,
            Duration.ZERO,
            Optional.empty(),
            false,
            NetworkStack.HttpLimits.DEFAULT,
            NetworkStack.PathNormalization.BASE,
            List.of());

    public Options with(Authorization changed) {
      return new Options(
          changed, strict, codec, toPeer, toBackend, timeout, retry, tcp, limits, paths, filters);
    }

    public Options permissive() {
      return new Options(
          authorization,
          false,
          codec,
          toPeer,
          toBackend,
          timeout,
          retry,
          tcp,
          limits,
          paths,
          filters);
    }

    public Options http2(Cluster.UpstreamProtocol peer, Cluster.UpstreamProtocol app) {
      return new Options(
          authorization, strict, codec, peer, app, timeout, retry, tcp, limits, paths, filters);
    }

    public Options within(Duration changed) {
      return new Options(
          authorization,
          strict,
          codec,
          toPeer,
          toBackend,
          changed,
          retry,
          tcp,
          limits,
          paths,
          filters);
    }

    public Options retrying(RetryPolicy policy) {
      return new Options(
          authorization,
          strict,
          codec,
          toPeer,
          toBackend,
          timeout,
          Optional.of(policy),
          tcp,
          limits,
          paths,
          filters);
    }

    public Options asTcp() {
      return new Options(
          authorization,
          strict,
          codec,
          toPeer,
          toBackend,
          timeout,
          retry,
          true,
          limits,
          paths,
          filters);
    }

    public Options with(NetworkStack.HttpLimits changed) {
      return new Options(
          authorization,
          strict,
          codec,
          toPeer,
          toBackend,
          timeout,
          retry,
          tcp,
          changed,
          paths,
          filters);
    }

    public Options with(NetworkStack.PathNormalization changed) {
      return new Options(
          authorization,
          strict,
          codec,
          toPeer,
          toBackend,
          timeout,
          retry,
          tcp,
          limits,
          changed,
          filters);
    }

    /** With filters of the inbound side before the one that authorizes. */
    public Options after(HttpFilter... before) {
      return new Options(
          authorization,
          strict,
          codec,
          toPeer,
          toBackend,
          timeout,
          retry,
          tcp,
          limits,
          paths,
          List.of(before));
    }

    private List<HttpFilter> all(boolean inbound) {
      List<HttpFilter> all = new ArrayList<>(inbound ? filters : List.of());
      all.add(new HttpFilter.Authorize(authorization, List.of()));
      return all;
    }
  }

  private TestMesh(ProxyEngine engine, int backend) throws PkiException {
    this.engine = engine;
    this.backend = backend;
    SecureRandom random = new SecureRandom();
    CaProfile profile = new CaProfile.Istiod("cluster.local");
    this.authority =
        new CertificateAuthority(
            CaCredentials.selfSigned(
                profile, KeyAlgorithm.ECDSA_P256, Duration.ofDays(30), Instant.now(), random),
            profile,
            CertificateAuthority.Limits.DEFAULT,
            InstantSource.system(),
            random);
    this.sleep = engine.add(spec("sample/sleep", SLEEP, OUTBOUND, Optional.empty()));
    this.httpbin =
        engine.add(
            spec(
                "sample/httpbin",
                HTTPBIN,
                INBOUND,
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT))));
    identify(sleep, SLEEP);
    identify(httpbin, HTTPBIN);
  }

  /** A mesh on epoll whose backend is that port of this machine. */
  public static TestMesh start(int backend, Options options) throws Exception {
    return start(Transport.EPOLL, backend, options);
  }

  /** A mesh whose backend is that port of this machine. */
  public static TestMesh start(Transport transport, int backend, Options options) throws Exception {
    ProxyEngine engine =
        new ProxyEngine(new ProxyEngine.Settings(transport, 1, InstantSource.system()));
    try {
      TestMesh mesh = new TestMesh(engine, backend);
      mesh.apply(options);
      return mesh;
    } catch (PkiException | IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  private static WorkloadSpec spec(
      String name, String id, String listener, Optional<InetSocketAddress> destination) {
    return WorkloadSpec.local(
        name,
        Workload.ofPrincipal(id),
        List.of(
            new WorkloadSpec.Binding(
                listener,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                destination)));
  }

  /** Gives a workload a new certificate. */
  public void identify(WorkloadProxy workload, String id) throws PkiException {
    var certificate =
        authority.issue(KeyAlgorithm.ECDSA_P256, SpiffeId.parse(id), Duration.ofHours(1));
    workload
        .keyMaterial()
        .putAll(
            List.of(
                new Secret.Certificate(TlsSettings.WORKLOAD_CERTIFICATE, certificate),
                new Secret.Validation(TlsSettings.TRUST_BUNDLE, TrustBundle.of(authority.root()))));
  }

  /**
   * From the next configuration on, {@code httpbin} knows who listens there as {@link #AUTHORIZER}.
   */
  void authorizer(int port) {
    authorizer =
        Optional.of(cluster(AUTHORIZER, port, Cluster.UpstreamProtocol.HTTP2, Optional.empty()));
  }

  /** Configures both proxies anew. */
  public void apply(Options options) throws IOException {
    httpbin.apply(inbound(options));
    sleep.apply(outbound(options));
  }

  /**
   * Has a workload's clusters lead to these ports of this machine, in turn, told by EDS; whatever
   * else they are stays.
   */
  static void discover(WorkloadProxy workload, int... ports) throws IOException {
    discover(workload, Duration.ofSeconds(5), ports);
  }

  /** Likewise, with that time to connect. */
  static void discover(WorkloadProxy workload, Duration connectTimeout, int... ports)
      throws IOException {
    ProxyResources now = workload.resources();
    List<Cluster> clusters =
        now.clusters().values().stream()
            .map(cluster -> discoveredInTurn(cluster, connectTimeout))
            .toList();
    List<ClusterLoadAssignment> assignments =
        clusters.stream().map(cluster -> endpoints(cluster.name(), ports)).toList();
    workload.apply(
        ProxyResources.of(List.copyOf(now.listeners().values()), List.of(), clusters, assignments));
  }

  private static Cluster discoveredInTurn(Cluster cluster, Duration connectTimeout) {
    return new Cluster(
        cluster.name(),
        new Cluster.Discovery.Eds(cluster.name()),
        Cluster.LoadBalancing.ROUND_ROBIN,
        connectTimeout,
        cluster.protocol(),
        cluster.transport(),
        cluster.bindAddress(),
        cluster.limits(),
        cluster.service());
  }

  private static ClusterLoadAssignment endpoints(String name, int... ports) {
    List<ClusterLoadAssignment.Endpoint> endpoints =
        Arrays.stream(ports)
            .mapToObj(
                port ->
                    new ClusterLoadAssignment.Endpoint(
                        "127.0.0.1",
                        port,
                        1,
                        true,
                        Map.of(),
                        ClusterLoadAssignment.Workload.UNKNOWN))
            .toList();
    return new ClusterLoadAssignment(
        name, List.of(new ClusterLoadAssignment.Locality("", "", 0, 1, endpoints)));
  }

  /** A port of this machine where nobody listens. */
  static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** What {@code httpbin}'s proxy is told. */
  ProxyResources inbound(Options options) {
    FilterChain secure =
        new FilterChain(
            "mtls",
            match(FilterChain.Transport.TLS),
            Optional.of(serverTls()),
            stack(options, "inbound|8000||", true));
    FilterChain plain =
        new FilterChain(
            "plaintext",
            match(FilterChain.Transport.RAW),
            Optional.empty(),
            stack(options, "inbound|8000||", true));
    Listener listener =
        new Listener(
            INBOUND,
            Listener.Direction.INBOUND,
            "0.0.0.0",
            15006,
            true,
            false,
            true,
            options.strict() ? List.of(secure) : List.of(secure, plain),
            Optional.empty(),
            Optional.empty());
    return ProxyResources.of(
        List.of(listener),
        List.of(),
        Stream.concat(
                Stream.of(
                    cluster("inbound|8000||", backend, options.toBackend(), Optional.empty())),
                authorizer.stream())
            .toList(),
        List.of());
  }

  private ProxyResources outbound(Options options) {
    int peer = httpbin.boundAddress(INBOUND).orElseThrow().getPort();
    Listener listener =
        new Listener(
            OUTBOUND,
            Listener.Direction.OUTBOUND,
            "0.0.0.0",
            PORT,
            true,
            false,
            false,
            List.of(
                new FilterChain(
                    "out",
                    FilterChain.Match.ALL,
                    Optional.empty(),
                    stack(options.with(Authorization.NONE), "outbound|8000||httpbin", false))),
            Optional.empty(),
            Optional.empty());
    return ProxyResources.of(
        List.of(listener),
        List.of(),
        List.of(
            cluster("outbound|8000||httpbin", peer, options.toPeer(), Optional.of(clientTls()))),
        List.of());
  }

  private static FilterChain.Match match(FilterChain.Transport transport) {
    return new FilterChain.Match(
        OptionalInt.empty(), List.of(), List.of(), transport, List.of(), List.of());
  }

  private static NetworkStack stack(Options options, String cluster, boolean inbound) {
    if (options.tcp()) {
      return tcp(options, cluster, inbound);
    }
    RouteConfiguration routes =
        new RouteConfiguration(
            cluster,
            List.of(
                new VirtualHost(
                    "all",
                    List.of("*"),
                    List.of(
                        new Route(
                            "default",
                            new PathMatch.Prefix("/"),
                            List.of(),
                            new Action.Forward(
                                cluster, options.timeout(), options.retry(), Optional.empty()))))),
            false);
    return new NetworkStack.Http(
        cluster,
        options.codec(),
        options.all(inbound),
        new NetworkStack.RouteSource.Inline(routes),
        options.paths(),
        inbound
            ? NetworkStack.ForwardedClientCert.SIDECAR_INBOUND
            : NetworkStack.ForwardedClientCert.SANITIZE,
        options.limits(),
        true,
        0,
        false,
        inbound ? "istio-envoy" : "",
        Optional.empty());
  }

  private static NetworkStack.Tcp tcp(Options options, String cluster, boolean inbound) {
    List<HttpFilter.Authorize> filters =
        options.all(inbound).stream().map(HttpFilter.Authorize.class::cast).toList();
    return new NetworkStack.Tcp(
        cluster,
        new Authorization(
            filters.stream().flatMap(f -> f.authorization().stages().stream()).toList()),
        filters.stream().flatMap(f -> f.providers().stream()).toList(),
        cluster,
        Duration.ZERO,
        Optional.empty());
  }

  private static TlsSettings.Downstream serverTls() {
    return new TlsSettings.Downstream(
        Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
        Optional.of(TlsSettings.TRUST_BUNDLE),
        List.of(
            new TlsSettings.SanMatch(
                TlsSettings.SanMatch.Type.URI,
                new StringMatch.Prefix("spiffe://cluster.local/", false))),
        List.of("h2", "http/1.1"),
        TlsSettings.Version.TLS_1_2,
        TlsSettings.Version.TLS_1_3,
        List.of(),
        true);
  }

  private static TlsSettings.Upstream clientTls() {
    return new TlsSettings.Upstream(
        Optional.of(TlsSettings.WORKLOAD_CERTIFICATE),
        Optional.of(TlsSettings.TRUST_BUNDLE),
        List.of(
            new TlsSettings.SanMatch(
                TlsSettings.SanMatch.Type.URI, new StringMatch.Exact(HTTPBIN, false))),
        List.of("istio-peer-exchange", "istio"),
        TlsSettings.Version.TLS_1_2,
        TlsSettings.Version.TLS_1_3,
        List.of(),
        Optional.of("outbound_.8000_._.httpbin.sample.svc.cluster.local"));
  }

  static Cluster cluster(
      String name,
      int port,
      Cluster.UpstreamProtocol protocol,
      Optional<TlsSettings.Upstream> tls) {
    return new Cluster(
        name,
        new Cluster.Discovery.Static(endpoints(name, port)),
        Cluster.LoadBalancing.LEAST_REQUEST,
        Duration.ofSeconds(5),
        protocol,
        List.of(new Cluster.TransportMatch("tls", Map.of(), tls)),
        Optional.empty(),
        Cluster.Limits.NONE,
        Optional.empty());
  }

  /** Who issues the workloads' certificates. */
  public CertificateAuthority authority() {
    return authority;
  }

  public ProxyEngine engine() {
    return engine;
  }

  public WorkloadProxy sleep() {
    return sleep;
  }

  public WorkloadProxy httpbin() {
    return httpbin;
  }

  /** Where {@code sleep}'s requests go in. */
  public InetSocketAddress entry() {
    return sleep.boundAddress(OUTBOUND).orElseThrow();
  }

  /** Where {@code httpbin}'s peers come in. */
  public InetSocketAddress inboundAddress() {
    return httpbin.boundAddress(INBOUND).orElseThrow();
  }

  @Override
  public void close() {
    engine.close();
  }
}
