package io.selvage.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.selvage.control.admin.AdminServer;
import io.selvage.control.admin.DebugPages;
import io.selvage.control.admin.MonitoringServer;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.generate.PolicyTranslation;
import io.selvage.control.source.FolderSource;
import io.selvage.control.trust.FreshRoot;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.control.workload.Workloads;
import io.selvage.model.Problem;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.XdsType;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.NodeAuthenticator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlPlaneTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: httpbin, namespace: sample}
      spec: {selector: {app: httpbin}, ports: [{name: http, port: 8000, targetPort: 80}]}
      """;

  private static final String MESH_WITH_AUTHORIZER =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: |
          extensionProviders:
          - name: opa
            envoyExtAuthzGrpc: {service: httpbin.sample.svc.cluster.local, port: 8000}
      """;
  private static final String ASKS =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: ask, namespace: sample}
      spec:
        action: CUSTOM
        provider: {name: opa}
        rules: [{to: [{operation: {paths: [/ask]}}]}]
      """;

  @TempDir Path folder;

  private final Workloads workloads = new Workloads("east");
  private volatile boolean translationBroken;
  private volatile boolean translationForgets;
  private ControlPlane plane;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    Files.writeString(folder.resolve("service.yaml"), SERVICE);
    workloads.put(instance("httpbin"));
    PolicyTranslation istio = new IstioPolicies();
    plane =
        ControlPlane.start(
            new ControlPlane.Parts(
                new FolderSource(List.of(folder), file -> true, InstantSource.system()),
                workloads,
                FreshRoot.bundle(),
                NodeAuthenticator.trusting(),
                new AdsServer.Options(true, 100),
                (policies, mesh, http) -> {
                  if (translationBroken) {
                    throw new IllegalStateException("cannot");
                  }
                  return istio.translate(translationForgets ? List.of() : policies, mesh, http);
                },
                (address, timeout) -> {
                  throw new IOException("there is no network");
                },
                InstantSource.system(),
                2));
    server =
        AdsServer.shape(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .addService(plane.ads().service())
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    plane.close();
  }

  @Test
  void aPolicyWrittenToTheFolderReachesTheProxyThatItSelects() throws Exception {
    AdsClient client = new AdsClient(channel, "httpbin", "sample").subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> text.contains("inbound|80||"));

    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));

    client.await("virtualInbound", text -> text.contains("ns[sample]-policy[deny-it]-rule[0]"));
    assertThat(plane.rules())
        .hasEntrySatisfying(
            "ns[sample]-policy[deny-it]-rule[0]",
            at -> assertThat(at.toString()).endsWith("deny.yaml:6"));
    client.close();
  }

  @Test
  void aPolicyReachesAProxyThatTakesItApartAndNotItsListener() throws Exception {
    AdsClient client =
        new AdsClient(channel, "httpbin", "sample", EnvoyNames.DISCOVERS_AUTHORIZATION)
            .subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> text.contains("authorization/http/deny"));
    String listener = client.held("virtualInbound").orElseThrow();
    client.subscribe(XdsType.EXTENSION, "authorization/http/deny", "authorization/http/allow");
    client.await("authorization/http/allow", text -> true);

    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));

    client.await("authorization/http/deny", text -> text.contains("policy[deny-it]-rule[0]"));
    Files.delete(folder.resolve("deny.yaml"));
    client.await("authorization/http/deny", text -> !text.contains("policy[deny-it]-rule[0]"));
    assertThat(client.held("virtualInbound")).hasValue(listener);
    client.close();
  }

  @Test
  void aPolicyThatAsksAnAuthorizerBringsAllPoliciesIntoTheListenerUntilItGoes() throws Exception {
    Files.writeString(folder.resolve("mesh.yaml"), MESH_WITH_AUTHORIZER);
    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));
    AdsClient client =
        new AdsClient(channel, "httpbin", "sample", EnvoyNames.DISCOVERS_AUTHORIZATION)
            .subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> text.contains("authorization/http/deny"));
    String naming = client.held("virtualInbound").orElseThrow();
    assertThat(naming).doesNotContain("policy[deny-it]");

    Files.writeString(folder.resolve("ask.yaml"), ASKS);

    client.await("virtualInbound", text -> text.contains("policy[ask]"));
    assertThat(client.held("virtualInbound").orElseThrow())
        .contains("policy[deny-it]-rule[0]", "envoy.filters.http.ext_authz")
        .doesNotContain("authorization/http/");
    Files.delete(folder.resolve("ask.yaml"));
    client.await("virtualInbound", text -> !text.contains("policy[ask]"));
    assertThat(client.held("virtualInbound")).hasValue(naming);
    client.close();
  }

  @Test
  void aProxyThatNothingChangesForIsNotSentAnything() throws Exception {
    workloads.put(instance("other"));
    AdsClient httpbin = new AdsClient(channel, "httpbin", "sample").subscribe(XdsType.LISTENER);
    httpbin.await("virtualInbound", text -> true);
    long before = plane.pushes();

    Files.writeString(folder.resolve("deny.yaml"), policy("elsewhere", "elsewhere"));
    awaitRound(before);
    Files.writeString(folder.resolve("deny2.yaml"), policy("here", "sample"));

    httpbin.await("virtualInbound", text -> text.contains("policy[here]"));
    assertThat(httpbin.held("virtualInbound").orElseThrow()).doesNotContain("elsewhere");
    httpbin.close();
  }

  @Test
  void anUnknownWorkloadGetsNothingUntilItIsRegistered() throws Exception {
    AdsClient client = new AdsClient(channel, "late", "sample").subscribe(XdsType.LISTENER);
    awaitProblem(MeshResources.UNKNOWN_NODE);

    workloads.put(instance("late"));

    assertThat(client.next().getResourcesCount())
        .as("the first answer: an empty one would have taken away what it had")
        .isPositive();
    client.await("virtualInbound", text -> true);
    assertThat(plane.status().problems()).isEmpty();
    client.close();
  }

  @Test
  void aWorkloadThatGoesLosesWhatItWasGiven() throws Exception {
    workloads.put(instance("gone"));
    AdsClient client = new AdsClient(channel, "gone", "sample").subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> true);

    workloads.remove("sample", "gone");

    client.awaitNone("virtualInbound");
    assertThat(plane.status().problems())
        .extracting(Problem::code)
        .contains(MeshResources.UNKNOWN_NODE);
    client.close();
  }

  @Test
  void aWorkloadIsJudgedByTheLabelsThatItHasNow() throws Exception {
    Files.writeString(
        folder.resolve("quarantine.yaml"),
        policy("quarantine", "sample")
            .replace("spec:", "spec:\n  selector: {matchLabels: {state: quarantined}}"));
    AdsClient client = new AdsClient(channel, "httpbin", "sample").subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> text.contains("inbound|80||"));
    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));
    client.await("virtualInbound", text -> text.contains("policy[deny-it]"));
    assertThat(client.held("virtualInbound").orElseThrow()).doesNotContain("quarantine");

    workloads.put(instance("httpbin", Map.of("app", "httpbin", "state", "quarantined")));

    client.await("virtualInbound", text -> text.contains("policy[quarantine]"));
    client.close();
  }

  @Test
  void policiesThatCannotBeTranslatedLeaveTheLastGoodInForce() throws Exception {
    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));
    AdsClient client = new AdsClient(channel, "httpbin", "sample").subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> text.contains("policy[deny-it]"));
    translationBroken = true;
    long before = plane.pushes();

    Files.writeString(folder.resolve("deny.yaml"), policy("another", "sample"));
    awaitRound(before);

    client.subscribe(XdsType.CLUSTER);
    client.await("BlackHoleCluster", text -> true);
    assertThat(client.held("virtualInbound").orElseThrow()).contains("policy[deny-it]");
    assertThat(plane.status().problems())
        .filteredOn(p -> p.code().equals(MeshResources.NOT_TRANSLATED))
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("stays"));
    client.close();
  }

  @Test
  void whatAProxyWasToldWronglyIsFoundInAnIdleMomentAndToldAnew() throws Exception {
    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));
    AdsClient client = new AdsClient(channel, "httpbin", "sample").subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> text.contains("policy[deny-it]"));
    translationForgets = true; // a defect that leaves out policies
    Files.writeString(folder.resolve("another.yaml"), policy("another", "sample"));
    client.await("virtualInbound", text -> !text.contains("policy[deny-it]"));

    translationForgets = false; // nothing is written: no change says that all is to be made anew

    client.await("virtualInbound", text -> text.contains("policy[deny-it]"));
    assertThat(plane.status().problems())
        .filteredOn(p -> p.code().equals(MeshResources.REMEMBERED_WRONGLY))
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("~httpbin.sample"));
    client.close();
  }

  @Test
  void policiesThatNeverCouldBeTranslatedDenyEverything() throws Exception {
    translationBroken = true;
    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));
    workloads.put(instance("fresh"));
    AdsClient client = new AdsClient(channel, "fresh", "sample").subscribe(XdsType.LISTENER);

    client.await("virtualInbound", text -> text.contains("envoy.filters.http.rbac"));

    assertThat(plane.status().problems())
        .extracting(Problem::message)
        .anySatisfy(message -> assertThat(message).contains("everything is denied"));
    client.close();
  }

  @Test
  void aRootMaySignOnceEveryProxyHoldsTheBundle() throws Exception {
    AdsClient client = new AdsClient(channel, "httpbin", "sample");
    client.subscribe(XdsType.SECRET, "ROOTCA");
    client.await("ROOTCA", text -> true);
    workloads.put(instance("httpbin-2"));
    AdsClient deaf = new AdsClient(channel, "httpbin-2", "sample");
    deaf.subscribe(XdsType.LISTENER).next();
    TrustBundle both = plane.trust().own().withAll(FreshRoot.bundle().roots());

    plane.trust().own(both);

    assertThat(plane.lackingRoots()).anyMatch(node -> node.contains("httpbin-2"));
    client.await("ROOTCA", text -> text.split("BEGIN CERT", -1).length == 3);
    deaf.close();
    client.subscribe(XdsType.CLUSTER);
    client.await("BlackHoleCluster", text -> true);
    assertThat(plane.lackingRoots()).noneMatch(node -> node.contains("~httpbin.sample"));
    client.close();
  }

  @Test
  void aRefusalByAProxyIsShown() throws Exception {
    AdsClient client = new AdsClient(channel, "httpbin", "sample");
    client.refusing = true;
    client.subscribe(XdsType.LISTENER);
    client.next();
    client.refusing = false;
    client.subscribe(XdsType.CLUSTER);
    client.await("BlackHoleCluster", text -> true);

    assertThat(plane.status().problems())
        .filteredOn(p -> p.code().equals("SLV7001"))
        .singleElement()
        .satisfies(p -> assertThat(p.message()).contains("no thanks"));
    client.close();
  }

  @Test
  void theAdminPagesAskForTheToken() throws Exception {
    Files.writeString(folder.resolve("deny.yaml"), policy("deny-it", "sample"));
    AdsClient client = new AdsClient(channel, "httpbin", "sample").subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> text.contains("policy[deny-it]"));
    try (AdminServer admin = AdminServer.start(plane, 0, "0123456789abcdef")) {
      assertThat(get(admin, "/healthz", "").statusCode()).isEqualTo(200);
      assertThat(get(admin, "/status", "wrong").statusCode()).isEqualTo(401);
      assertThat(get(admin, "/statusx", "0123456789abcdef").statusCode()).isEqualTo(404);
      assertThat(get(admin, "/status", "0123456789abcdef").body())
          .contains("\"cluster\":\"east\"", "sidecar~10.0.0.2~httpbin.sample");
      assertThat(get(admin, "/why-map", "0123456789abcdef").body())
          .contains("ns[sample]-policy[deny-it]-rule[0]", "deny.yaml:6");
      assertThat(get(admin, "/debug/syncz", "wrong").statusCode()).isEqualTo(401);
      for (String page : new DebugPages(plane).names()) {
        var answer = get(admin, "/debug/" + page, "0123456789abcdef");
        assertThat(answer.statusCode())
            .as("%s: %s", page, answer.body())
            .isEqualTo(page.equals("config_dump") ? 400 : 200);
      }
      assertThat(get(admin, "/debug/syncz", "0123456789abcdef").body())
          .contains("\"proxy\":\"httpbin.sample\"", "\"listener_acked\"");
      assertThat(get(admin, "/debug/config_dump?proxyID=httpbin.sample", "0123456789abcdef").body())
          .contains("ListenersConfigDump", "policy[deny-it]");
      assertThat(get(admin, "/debug/config_dump?proxyID=nobody", "0123456789abcdef").statusCode())
          .isEqualTo(404);
      assertThat(get(admin, "/debug/authorizationz", "0123456789abcdef").body())
          .contains("\"root_namespace\":\"istio-system\"", "deny.yaml");
      assertThat(get(admin, "/metrics", "").body())
          .contains("pilot_xds 1.0", "pilot_xds_pushes_total", "pilot_services 1.0");
    }
    client.close();
  }

  @Test
  void aClustersMonitoringShowsMetricsToAllAndDebugPagesByLoopback() throws Exception {
    AtomicReference<ControlPlane> known = new AtomicReference<>();
    AdsClient client = new AdsClient(channel, "httpbin", "sample").subscribe(XdsType.LISTENER);
    client.await("virtualInbound", text -> true);
    InetAddress other = InetAddress.ofLiteral("127.0.0.2");
    try (HttpClient http = HttpClient.newHttpClient();
        MonitoringServer monitoring =
            MonitoringServer.start(
                new InetSocketAddress(other, 0), () -> Optional.ofNullable(known.get()))) {
      String base = "http://127.0.0.2:" + monitoring.port();
      assertThat(get(http, base + "/metrics").statusCode()).isEqualTo(503);
      known.set(plane);
      assertThat(get(http, base + "/metrics").body()).contains("pilot_xds 1.0");
      assertThat(get(http, base + "/debug/syncz").body()).contains("httpbin.sample");
      assertThat(get(http, base + "/debug/nothing").statusCode()).isEqualTo(404);
    }
    client.close();
  }

  private static HttpResponse<String> get(HttpClient http, String uri)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(AdminServer admin, String path, String token)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://localhost:" + admin.port() + path))
              .header("Authorization", "Bearer " + token)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private void awaitProblem(String code) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (plane.status().problems().stream().noneMatch(problem -> problem.code().equals(code))) {
      assertThat(System.nanoTime()).as(code + " within 20 s").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private void awaitRound(long before) throws InterruptedException {
    CountDownLatch round = new CountDownLatch(1);
    try (var notice = plane.onRound(round::countDown)) {
      assertThat(notice).isNotNull();
      if (plane.pushes() == before) {
        assertThat(round.await(20, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  static WorkloadInstance instance(String name) {
    return instance(name, Map.of("app", "httpbin"));
  }

  private static WorkloadInstance instance(String name, Map<String, String> labels) {
    return new WorkloadInstance(
        name, "sample", name, labels, "10.0.0.2", Map.of(), Map.of(), "east", "", 1, true);
  }

  static String policy(String name, String namespace) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: %s}
        spec:
          action: DENY
          rules: [{to: [{operation: {paths: [/denied]}}]}]
        """
        .formatted(name, namespace);
  }
}
