package io.selvage.proxy.pod;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What kubelet and Prometheus are told, and what the application hears of it. */
class PodStatusServerTest {
  private static final InetAddress POD = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress SIDECAR = InetAddress.ofLiteral("127.0.0.6");
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final AtomicReference<Optional<String>> notReady =
      new AtomicReference<>(Optional.of("no configuration yet"));
  private final CountDownLatch quit = new CountDownLatch(1);
  private ProxyEngine engine;
  private HttpServer application;
  private @Nullable PodStatusServer started;

  @BeforeEach
  void start() throws IOException {
    engine = new ProxyEngine(new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system()));
    application = HttpServer.create(new InetSocketAddress(POD, 0), 0);
    application.createContext(
        "/",
        exchange -> {
          String path = exchange.getRequestURI().toString();
          heard.add(
              "%s %s host=%s agent=%s from=%s"
                  .formatted(
                      exchange.getRequestMethod(),
                      path,
                      exchange.getRequestHeaders().getFirst("Host"),
                      exchange.getRequestHeaders().getFirst("User-Agent"),
                      exchange.getRemoteAddress().getAddress().getHostAddress()));
          byte[] body =
              (path.equals("/metrics") ? "app_orders_total 7\n" : "answer to " + path)
                  .getBytes(StandardCharsets.UTF_8);
          int code = path.equals("/sick") ? 500 : path.equals("/moved") ? 302 : 200;
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          exchange.getResponseHeaders().set("Location", "http://192.0.2.1/");
          try (exchange) {
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    application.start();
  }

  @AfterEach
  void stop() {
    if (started != null) {
      started.close();
    }
    application.stop(0);
    engine.close();
  }

  private PodStatusServer status() {
    return Objects.requireNonNull(started, "serve() was called");
  }

  private int applicationPort() {
    return application.getAddress().getPort();
  }

  private void serve(Map<String, Prober> probers, Optional<String> scrape) throws IOException {
    started =
        PodStatusServer.start(
            engine,
            new PodStatusServer.Settings(POD, 0, 0, 0, POD, SIDECAR, probers, scrape),
            new PodStatusServer.Hooks(notReady::get, quit::countDown));
  }

  private static HttpResponse<String> send(String method, int port, String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .header("User-Agent", "kube-probe/1.36")
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send("GET", status().statusPort(), path);
  }

  private Prober.Http http(String path) {
    return new Prober.Http(applicationPort(), SECOND, false, path);
  }

  @Test
  void readinessIsToldAtBothPortsWithTheReason() throws Exception {
    serve(Map.of(), Optional.empty());
    for (int port : List.of(status().statusPort(), status().healthPort())) {
      assertThat(send("GET", port, "/healthz/ready").statusCode()).isEqualTo(503);
      assertThat(send("GET", port, "/healthz/ready").body()).isEqualTo("no configuration yet\n");
    }
    notReady.set(Optional.empty());
    assertThat(send("GET", status().healthPort(), "/healthz/ready").statusCode()).isEqualTo(200);
    assertThat(get("/healthz/ready/more").statusCode()).isEqualTo(404);
  }

  @Test
  void anHttpProbeAsksTheApplicationPastCaptureWithKubeletsHeaders() throws Exception {
    serve(Map.of("/app-health/app/readyz", http("/get?x=1")), Optional.empty());
    HttpResponse<String> answer = get("/app-health/app/readyz");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("answer to /get?x=1");
    assertThat(heard)
        .containsExactly(
            "GET /get?x=1 host=127.0.0.1:%d agent=kube-probe/1.36 from=127.0.0.6"
                .formatted(applicationPort()));
  }

  @Test
  void aFailureIsToldAndARedirectIsAnAnswer() throws Exception {
    serve(
        Map.of(
            "/app-health/a/livez", http("/sick"),
            "/app-health/b/livez", http("/moved"),
            "/app-health/c/livez", new Prober.Http(closedPort(), SECOND, false, "/")),
        Optional.empty());
    assertThat(get("/app-health/a/livez").statusCode()).isEqualTo(500);
    assertThat(get("/app-health/b/livez").statusCode()).isEqualTo(200);
    assertThat(get("/app-health/c/livez").statusCode()).isEqualTo(500);
    assertThat(heard).hasSize(2);
  }

  @Test
  void onlyWhatInjectionWroteIsAsked() throws Exception {
    serve(Map.of("/app-health/app/readyz", http("/get")), Optional.empty());
    assertThat(get("/app-health/app/livez").statusCode()).isEqualTo(404);
    assertThat(get("/app-health/app/readyz/../../secret").statusCode()).isEqualTo(404);
    assertThat(send("POST", status().statusPort(), "/app-health/app/readyz").statusCode())
        .isEqualTo(405);
    assertThat(heard).isEmpty();
  }

  @Test
  void aTcpProbeConnects() throws Exception {
    serve(
        Map.of(
            "/app-health/a/livez", new Prober.Tcp(applicationPort(), SECOND),
            "/app-health/b/livez", new Prober.Tcp(closedPort(), SECOND)),
        Optional.empty());
    assertThat(get("/app-health/a/livez").statusCode()).isEqualTo(200);
    assertThat(get("/app-health/b/livez").statusCode()).isEqualTo(500);
  }

  @Test
  void aGrpcProbeAsksTheHealthService() throws Exception {
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus("ready", ServingStatus.SERVING);
    health.setStatus("sick", ServingStatus.NOT_SERVING);
    Server server =
        NettyServerBuilder.forAddress(new InetSocketAddress(POD, 0))
            .addService(health.getHealthService())
            .build()
            .start();
    try {
      serve(
          Map.of(
              "/app-health/a/readyz", new Prober.Grpc(server.getPort(), SECOND, "ready"),
              "/app-health/b/readyz", new Prober.Grpc(server.getPort(), SECOND, "sick"),
              "/app-health/c/readyz", new Prober.Grpc(server.getPort(), SECOND, "unknown"),
              "/app-health/d/readyz", new Prober.Grpc(applicationPort(), SECOND, "")),
          Optional.empty());
      assertThat(get("/app-health/a/readyz").statusCode()).isEqualTo(200);
      assertThat(get("/app-health/b/readyz").statusCode()).isEqualTo(500);
      assertThat(get("/app-health/c/readyz").body()).contains("NOT_FOUND");
      assertThat(get("/app-health/d/readyz").statusCode()).isEqualTo(500);
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void anHttpsProbeTakesAnyCertificate() throws Exception {
    WorkloadCertificate certificate =
        authority()
            .issue(
                KeyAlgorithm.ECDSA_P256,
                SpiffeId.workload("elsewhere", "nobody", "nobody"),
                Duration.ofHours(1));
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(keys(certificate), null, null);
    HttpsServer secured = HttpsServer.create(new InetSocketAddress(POD, 0), 0);
    secured.setHttpsConfigurator(new HttpsConfigurator(tls));
    secured.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(204, -1);
          }
        });
    secured.start();
    try {
      serve(
          Map.of(
              "/app-health/a/readyz",
              new Prober.Http(secured.getAddress().getPort(), SECOND, true, "/")),
          Optional.empty());
      assertThat(get("/app-health/a/readyz").statusCode()).isEqualTo(204);
    } finally {
      secured.stop(0);
    }
  }

  @Test
  void anApplicationThatSaysNothingIsNotWaitedForForever() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 1, POD)) {
      serve(
          Map.of(
              "/app-health/a/livez",
              new Prober.Http(silent.getLocalPort(), Duration.ofMillis(200), false, "/")),
          Optional.empty());
      assertThat(get("/app-health/a/livez").statusCode()).isEqualTo(500);
      try (Socket accepted = silent.accept()) {
        assertThat(accepted.getInetAddress()).isEqualTo(SIDECAR);
      }
    }
  }

  @Test
  void theApplicationsFiguresAreToldWithTheSidecars() throws Exception {
    serve(Map.of(), Optional.of("{\"port\":\"%d\"}".formatted(applicationPort())));
    HttpResponse<String> merged = get("/stats/prometheus");
    assertThat(merged.body()).contains("app_orders_total 7");
    assertThat(merged.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
    assertThat(send("GET", status().metricsPort(), "/stats/prometheus").body())
        .doesNotContain("app_orders_total");
  }

  @Test
  void withoutTheApplicationTheSidecarsFiguresAreStillTold() throws Exception {
    serve(Map.of(), Optional.of("{\"port\":\"%d\",\"path\":\"/m\"}".formatted(closedPort())));
    assertThat(get("/stats/prometheus").statusCode()).isEqualTo(200);
  }

  @Test
  void whoIsInThePodMayEndTheSidecar() throws Exception {
    serve(Map.of(), Optional.empty());
    assertThat(get("/quitquitquit").statusCode()).isEqualTo(405);
    assertThat(quit.getCount()).isEqualTo(1);
    assertThat(send("POST", status().statusPort(), "/quitquitquit").statusCode()).isEqualTo(200);
    assertThat(quit.await(10, TimeUnit.SECONDS)).isTrue();
  }

  private static KeyManager[] keys(WorkloadCertificate certificate) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "own",
        certificate.privateKey(),
        new char[0],
        certificate.certificates().toArray(Certificate[]::new));
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, new char[0]);
    return factory.getKeyManagers();
  }

  private static CertificateAuthority authority() throws PkiException {
    SecureRandom random = new SecureRandom();
    CaProfile profile = new CaProfile.Istiod("elsewhere");
    return new CertificateAuthority(
        CaCredentials.selfSigned(
            profile,
            KeyAlgorithm.ECDSA_P256,
            Duration.ofDays(1),
            InstantSource.system().instant(),
            random),
        profile,
        CertificateAuthority.Limits.DEFAULT,
        InstantSource.system(),
        random);
  }

  /** A port at which nobody listens: bound, and closed again. */
  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, POD)) {
      return socket.getLocalPort();
    }
  }
}
