package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.probe.Conversation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class KubernetesCollectorTest {
  private static final String HOME = "/api/v1/namespaces/istio-system/";

  private final FakeApi api = new FakeApi();
  private final List<String> progress = new ArrayList<>();
  private HttpServer pods;

  @BeforeEach
  void start() throws IOException {
    pods = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    page("/metrics", "istio_build{component=\"pilot\",tag=\"1.28.1\"} 1\n");
    page("/debug/syncz", "[{\"proxy\": \"web-1.sample\", \"cluster_acked\": \"v1\"}]");
    page("/config_dump", "{\"configs\": []}");
    page("/certs", "{\"certificates\": []}");
    page("/stats/prometheus", "envoy_control_plane_connected_state{} 1\nother 2\n");
    pods.start();
    api.list(
            "/apis/apps/v1/deployments",
            """
            {"metadata": {"name": "istiod", "namespace": "istio-system"},
             "spec": {"selector": {"matchLabels": {"app": "istiod"}},
              "template": {"metadata": {"labels": {"app": "istiod"}},
               "spec": {"serviceAccountName": "istiod", "containers": [{"image": "istio/pilot:1.28"}]}}}}
            """)
        .list(
            "/api/v1/pods",
            """
            {"metadata": {"name": "istiod-1", "namespace": "istio-system", "labels": {"app": "istiod"}},
             "status": {"phase": "Running", "containerStatuses": [{"name": "discovery"}]}},
            {"metadata": {"name": "web-1", "namespace": "sample", "ownerReferences": [{"name": "web"}]},
             "spec": {"containers": [{"name": "istio-proxy"}]}, "status": {"phase": "Running"}},
            {"metadata": {"name": "web-2", "namespace": "sample", "ownerReferences": [{"name": "web"}]},
             "spec": {"containers": [{"name": "istio-proxy"}]}, "status": {"phase": "Running"}},
            {"metadata": {"name": "api-1", "namespace": "sample", "ownerReferences": [{"name": "api"}]},
             "spec": {"initContainers": [{"name": "istio-proxy"}]}, "status": {"phase": "Running"}}
            """)
        .list(
            HOME + "configmaps",
            "{\"metadata\": {\"name\": \"istio\", \"namespace\": \"istio-system\"}, \"data\":"
                + " {\"mesh\": \"trustDomain: it.mesh\"}}")
        .body("/openid/v1/jwks", "{\"keys\": []}")
        .tunnelTo("istiod-1", 15_014, port());
    for (String pod : List.of("web-1", "web-2", "api-1")) {
      api.tunnelTo(pod, 15_000, port());
    }
  }

  private int port() {
    return pods.getAddress().getPort();
  }

  private void page(String path, String text) {
    pods.createContext(
        path,
        exchange -> {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          try (exchange) {
            exchange.getResponseBody().write(bytes);
          }
        });
  }

  @AfterEach
  void stop() {
    pods.stop(0);
  }

  private ClusterEvidence collect(int proxies) {
    return collect(proxies, Optional.empty());
  }

  private ClusterEvidence collect(int proxies, Optional<Conversation> conversation) {
    return collect(proxies, conversation, Duration.ofSeconds(5));
  }

  private ClusterEvidence collect(
      int proxies, Optional<Conversation> conversation, Duration limit) {
    return new KubernetesCollector(
            api,
            new KubernetesCollector.Settings(
                FakeApi.NOW.minusSeconds(3_600),
                proxies,
                conversation,
                limit,
                Duration.ofMinutes(1)),
            InstantSource.fixed(FakeApi.NOW))
        .collect(progress::add);
  }

  @Test
  void whatIsInACluster() {
    ClusterEvidence seen = collect(25);
    assertThat(seen.context()).isEqualTo("east");
    assertThat(seen.reached()).isEqualTo(Look.seen(true));
    assertThat(seen.flavour().found().orElseThrow())
        .isEqualTo(
            new Flavour(
                Flavour.Kind.ISTIO,
                "1.28.1",
                "istio-system",
                List.of(new Flavour.Revision("default", "istiod", "istiod", Optional.of("istiod"))),
                "it.mesh"));
    assertThat(seen.metrics().found().orElseThrow()).hasSize(1);
    assertThat(seen.access().found().orElseThrow())
        .isNotEmpty()
        .allSatisfy(
            one -> {
              assertThat(one.user()).isEqualTo("system:serviceaccount:istio-system:istiod");
              assertThat(one.allowed()).isTrue();
            });
    assertThat(seen.proxies().found().orElseThrow())
        .hasSize(3)
        .allSatisfy(
            proxy -> {
              assertThat(proxy.configDump()).isInstanceOf(Look.Seen.class);
              assertThat(proxy.stats().found().orElseThrow()).hasSize(1);
            });
    assertThat(seen.probes()).isInstanceOf(Look.Unseen.class);
    assertThat(seen.taken()).isEqualTo(FakeApi.NOW);
    assertThat(progress).hasSize(3);
  }

  @Test
  void whatOnlyAControlPlaneKnowsIsUnseenForProxiesThatItDoesNotKnow() {
    List<ProxyView> proxies = collect(25).proxies().found().orElseThrow();
    assertThat(named(proxies, "web-1").sync().map(one -> one.path("cluster_acked").asString()))
        .isEqualTo(Look.seen("v1"));
    assertThat(named(proxies, "web-2").sync())
        .isEqualTo(Look.unseen("no control plane knows the proxy web-2.sample"));
  }

  private static ProxyView named(List<ProxyView> proxies, String name) {
    return proxies.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void ofManyProxiesOneOfEachWorkloadIsAskedForEverythingAndEachForItsCertificates() {
    List<ProxyView> proxies = collect(2).proxies().found().orElseThrow();
    assertThat(proxies)
        .filteredOn(one -> one.configDump() instanceof Look.Seen)
        .extracting(ProxyView::name)
        .containsExactlyInAnyOrder("web-1", "api-1");
    assertThat(proxies)
        .allSatisfy(one -> assertThat(one.certificates()).isInstanceOf(Look.Seen.class));
  }

  /** Envoy shows it for each of its clusters. */
  @Test
  void aCertificateThatIsShownManyTimesIsKeptOnce() {
    pods.removeContext("/certs");
    page(
        "/certs",
        "{\"certificates\": [{\"ca_cert\": [1]}, {\"ca_cert\": [2]}, {\"ca_cert\": [1]}]}");
    assertThat(named(collect(25).proxies().found().orElseThrow(), "web-1").certificates())
        .hasToString("Seen[value={\"certificates\":[{\"ca_cert\":[1]},{\"ca_cert\":[2]}]}]");
  }

  @Test
  void bothSidesOfAConversationAreAmongThoseThatAreAskedForEverything() {
    List<ProxyView> proxies =
        collect(1, Conversation.of("web-2.sample", "api.sample:80"))
            .proxies()
            .found()
            .orElseThrow();
    assertThat(proxies)
        .filteredOn(one -> one.configDump() instanceof Look.Seen)
        .extracting(ProxyView::name)
        .containsExactly("web-2");
  }

  @Test
  void aHandshakeThatFailsSaysSo() {
    Handshake webhook = collect(0).handshakes().found().orElseThrow().getFirst();
    assertThat(webhook.target().port()).isEqualTo(15_017);
    assertThat(webhook.serverName()).isEqualTo("istiod.istio-system.svc");
    assertThat(webhook.outcome())
        .isEqualTo(Look.unseen("port 15017 of Pod istio-system/istiod-1: nobody listens there"));
  }

  @Test
  void whoMayNotForwardPortsIsToldWhichRightIsMissing() {
    api.deny(attributes -> attributes.path("subresource").asString().equals("portforward"));
    ClusterEvidence seen = collect(25);
    assertThat(seen.metrics())
        .isEqualTo(
            new Look.Unseen<>(
                "port 15014 of Pod istio-system/istiod-1: we may not forward ports",
                Optional.of("create pods --subresource=portforward -n istio-system")));
    assertThat(seen.proxies().found().orElseThrow())
        .allSatisfy(one -> assertThat(one.certificates()).isInstanceOf(Look.Unseen.class));
    assertThat(seen.objects().look(Kind.POD)).isInstanceOf(Look.Seen.class);
  }

  @Test
  void withoutSightOfPodsNeitherLogsNorProxiesAreSaidToBeFine() {
    api.refuse("/api/v1/pods");
    ClusterEvidence seen = collect(25);
    Look<Object> unseen =
        new Look.Unseen<>("forbidden: User cannot list", Optional.of("list pods -A"));
    assertThat(seen.logs()).isEqualTo(unseen);
    assertThat(seen.proxyLogs()).isEqualTo(unseen);
    assertThat(seen.proxies()).isEqualTo(unseen);
  }

  @Test
  void aTrustDomainThatMayNotBeReadIsNotIstiosDefault() {
    api.refuse(HOME + "configmaps");
    assertThat(collect(0).flavour().found().map(Flavour::trustDomain)).contains("");
  }

  /** Its Pods run as far as the API server knows. */
  @Test
  void aNodeThatIsAwayCostsOneWait() throws IOException {
    var connections = new AtomicInteger();
    try (var silent = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread.ofVirtual().start(() -> count(silent, connections));
      List<String> lost = IntStream.range(0, 100).mapToObj("lost-%d"::formatted).toList();
      api.list(
          "/api/v1/pods",
          lost.stream()
              .map(
                  name ->
                      """
                      {"metadata": {"name": "%s", "namespace": "sample"}, "status": {"phase": "Running"},
                       "spec": {"nodeName": "away", "containers": [{"name": "istio-proxy"}]}}
                      """
                          .formatted(name))
              .collect(Collectors.joining(",")));
      lost.forEach(name -> api.tunnelTo(name, 15_000, silent.getLocalPort()));
      List<ProxyView> proxies =
          collect(25, Optional.empty(), Duration.ofMillis(100)).proxies().found().orElseThrow();
      assertThat(proxies)
          .hasSize(100)
          .allSatisfy(one -> assertThat(one.certificates()).isInstanceOf(Look.Unseen.class));
      assertThat(proxies)
          .filteredOn(one -> one.certificates().toString().contains("not asked: node away"))
          .hasSize(96);
    }
    // java.net's client asks a second time when a connection ends without an answer
    assertThat(connections).hasValueBetween(4, 8);
  }

  private static void count(ServerSocket silent, AtomicInteger connections) {
    List<Socket> open = new ArrayList<>();
    try {
      while (true) {
        open.add(silent.accept());
        connections.incrementAndGet();
      }
    } catch (IOException _) {
      open.forEach(KubernetesCollectorTest::close); // the test is over
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aSecretOfTheControlPlaneIsRedacted() {
    api.list(
        HOME + "secrets",
        "{\"metadata\": {\"name\": \"cacerts\", \"namespace\": \"istio-system\"}, \"data\":"
            + " {\"ca-key.pem\": \"aHVudGVyMg==\"}}");
    assertThat(collect(0).objects().all(Kind.SECRET).getFirst().text("/data/ca-key.pem"))
        .isEqualTo("[redacted]");
  }

  @Test
  void whatWasReadIsToldBeforeTheRestIs() {
    List<Evidence> told = new ArrayList<>();
    var away = new FakeApi().away();
    new KubernetesClusters(
            List.of(api, away),
            KubernetesCollector.Settings.since(FakeApi.NOW.minusSeconds(3_600)),
            InstantSource.fixed(FakeApi.NOW))
        .collect(_ -> {}, told::add);
    List<ClusterEvidence> first =
        told.stream()
            .map(evidence -> evidence.clusters().getFirst())
            .filter(cluster -> cluster.reached().equals(Look.seen(true)))
            .toList();
    assertThat(first).as("objects, then all").hasSizeGreaterThanOrEqualTo(2);
    assertThat(first.getFirst().objects().all(Kind.POD)).hasSize(4);
    assertThat(first.getFirst().proxies())
        .isEqualTo(Look.unseen("the time was up before it was read"));
    assertThat(first.getLast().proxies()).isInstanceOf(Look.Seen.class);
    assertThat(told).allSatisfy(evidence -> assertThat(evidence.clusters()).hasSize(2));
  }

  @Test
  void aClusterThatDoesNotAnswerIsUnseenAsAWhole() {
    api.away();
    ClusterEvidence seen = collect(25);
    assertThat(seen.reached()).isInstanceOf(Look.Unseen.class);
    assertThat(seen.objects().look(Kind.POD)).isInstanceOf(Look.Unseen.class);
    assertThat(seen.flavour()).isInstanceOf(Look.Unseen.class);
  }
}
