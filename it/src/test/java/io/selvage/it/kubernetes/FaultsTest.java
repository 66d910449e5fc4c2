package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.ca.client.CertificateClient;
import io.selvage.ca.client.CertificateRequestFailed;
import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.pki.PkiException;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What goes wrong with an API server, its store, its clock or the way to it. */
@Tag("real")
final class FaultsTest {
  private static final String SECRET =
      "{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: istio-system}}";
  private static final String POD =
      """
      {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
      ---
      {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: web-1, namespace: shop}
      spec: {serviceAccountName: web, nodeName: n1, containers: [{name: app, image: app}]}
      """;

  /** As whom a control plane runs that has lost its account with all else. */
  private static final String CONTROL =
      """
      {apiVersion: v1, kind: ServiceAccount, metadata: {name: selvage, namespace: istio-system}}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: selvage}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
      subjects: [{kind: ServiceAccount, name: selvage, namespace: istio-system}]
      """;

  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private final Opened opened = new Opened();

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.start(home));
    cluster.client().apply(POD);
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  @AfterEach
  void end() throws Exception {
    opened.close();
    cluster.client().delete(List.of(policy("p"), policy("q"), policy("r")));
  }

  private static JsonNode policy(String name) {
    return Manifest.read(
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: %s, namespace: shop}
            spec: {action: DENY, rules: [{to: [{operation: {paths: ["/x"]}}]}]}
            """
                .formatted(name))
        .getFirst();
  }

  private Replica replica(String name, Gate gate) throws Exception {
    return opened.add(Replica.start(name, cluster.connect(gate), TokenCheck.JWKS));
  }

  private static void awaitPolicies(Replica replica, String... names) throws Exception {
    Until.seen(
        "the policies in force are " + List.of(names),
        () -> policies(replica),
        List.of(names)::equals);
  }

  private static List<String> policies(Replica replica) {
    return replica.plane().snapshot().all(AuthorizationPolicy.class).stream()
        .map(policy -> policy.meta().name())
        .sorted()
        .toList();
  }

  private static String token() throws Exception {
    return cluster.client().istioToken("shop", "web", "web-1");
  }

  private static WorkloadCertificate certificate(Replica replica, String token, InstantSource clock)
      throws Exception {
    return new CertificateClient(
            CertificateClient.Settings.of(
                "127.0.0.1", replica.port(), Replica.SERVER_NAME, Replica.CLUSTER),
            () -> trusted(replica.roots()),
            () -> Optional.of(token),
            Thread::sleep,
            clock,
            new SecureRandom())
        .request(Optional.empty())
        .certificate();
  }

  private static TrustBundle trusted(String pem) {
    try {
      return TrustBundle.parse(pem);
    } catch (PkiException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertWeb(WorkloadCertificate certificate) {
    assertThat(certificate.spiffeId().toString()).endsWith("/ns/shop/sa/web");
  }

  @Test
  void anApiServerThatIsStoppedAndStartedLeavesTheMeshRunning() throws Exception {
    cluster.client().apply(List.of(policy("p")));
    Replica replica = replica("one", cluster.gate());
    awaitPolicies(replica, "p");
    String token = token();
    assertWeb(certificate(replica, token, InstantSource.system()));
    cluster.api().stopServer();
    Until.seen(
        "it is told",
        () -> replica.plane().snapshot().problems().toString(),
        told -> told.contains("SLV7220"));
    assertWeb(certificate(replica, token, InstantSource.system()));
    assertThat(policies(replica)).containsExactly("p");
    assertThat(replica.readiness()).startsWith("200");
    Until.holds("it does not lead any more", () -> !replica.leads());
    cluster.api().startServer();
    cluster.client().apply(List.of(policy("q")));
    awaitPolicies(replica, "p", "q");
    Until.holds("it leads again", replica::leads);
  }

  @Test
  void aStoreThatIsPutBackKeepsTheCaAndTheMeshFollowsWhatIsThere() throws Exception {
    cluster.client().apply(List.of(policy("p")));
    Replica first = replica("one", cluster.gate());
    awaitPolicies(first, "p");
    Until.holds("it leads", first::leads);
    Path backup = cluster.api().backup();
    cluster.client().apply(List.of(policy("q")));
    awaitPolicies(first, "p", "q");
    first.authority().beginRotation();
    String roots = first.roots();
    String state = state();
    cluster.api().restore(backup);
    Until.seen("the CA's state is stored again", FaultsTest::state, state::equals);
    assertThat(first.roots()).isEqualTo(roots);
    awaitPolicies(first, "p");
    cluster.client().apply(List.of(policy("r")));
    awaitPolicies(first, "p", "r");
    assertWeb(certificate(first, token(), InstantSource.system()));
    first.authority().abandonRotation();
  }

  @Test
  void aStoreThatIsWipedTakesNothingFromTheMeshAndIsFollowedOnceItIsPutBack() throws Exception {
    cluster.client().apply(List.of(policy("p")));
    cluster.client().apply(CONTROL);
    String account = cluster.client().token(Cluster.ROOT, "selvage", Map.of());
    Replica replica =
        opened.add(
            Replica.start(
                "one",
                cluster.connect(cluster.gate().port(), "selvage", account),
                TokenCheck.JWKS));
    awaitPolicies(replica, "p");
    String roots = replica.roots();
    String token = token();
    assertWeb(certificate(replica, token, InstantSource.system()));
    var services = replica.plane().services().services();
    Path backup = cluster.api().backup();
    cluster.api().wipe();
    Until.seen(
        "an API server that knows nobody is told of",
        () -> problems(replica),
        told -> told.contains("SLV7220"));
    assertThat(policies(replica)).containsExactly("p");
    assertThat(replica.plane().services().services()).isEqualTo(services);
    assertWeb(certificate(replica, token, InstantSource.system()));
    cluster.api().restore(backup);
    Until.seen(
        "all of it is heard again", () -> problems(replica), told -> !told.contains("SLV7220"));
    cluster.client().apply(List.of(policy("q")));
    awaitPolicies(replica, "p", "q");
    assertThat(replica.roots()).isEqualTo(roots);
    assertWeb(certificate(replica, token(), InstantSource.system()));
  }

  private static String problems(Replica replica) {
    return replica.plane().snapshot().problems().toString();
  }

  private static String state() throws InterruptedException {
    try {
      return cluster.get(SECRET).path("data").path("selvage-state").asString("");
    } catch (IOException e) {
      return "not there";
    }
  }

  @Test
  void aLeaderWhoseConnectionsHangStepsDownBeforeAnotherBegins() throws Exception {
    Gate gate = cluster.gate();
    Replica one = replica("one", gate);
    Until.holds("one leads", one::leads);
    Replica two = replica("two", cluster.gate());
    String map =
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: shop}}";
    gate.stall();
    cluster.client().delete(Manifest.read(map));
    Until.holds(
        "two leads, and one does not",
        () -> {
          boolean later = two.leads();
          assertThat(one.leads() && later).as("two leaders").isFalse();
          return later;
        });
    Until.seen("two writes", () -> manager(map), two.roots()::equals);
    gate.mend();
    Until.seen(
        "one hears again",
        () -> one.plane().snapshot().problems().toString(),
        told -> !told.contains("SLV7220"));
    assertThat(one.leads()).isFalse();
    assertThat(two.leads()).isTrue();
  }

  private static String manager(String map) throws InterruptedException {
    try {
      return cluster.get(map).path("data").path("root-cert.pem").asString("");
    } catch (IOException e) {
      return "not there";
    }
  }

  @Test
  void aClockThatIsTenMinutesFastServesNobodyWhoseClockIsRight() throws Exception {
    InstantSource fast = InstantSource.offset(InstantSource.system(), Duration.ofMinutes(10));
    Replica replica = opened.add(Replica.start("one", cluster.connect(cluster.gate()), fast));
    Until.holds("it leads all the same", replica::leads);
    Until.seen(
        "the clock is told of",
        () -> replica.plane().status().problems().toString(),
        told -> told.contains("SLV7224"));
    String token = token();
    assertThatThrownBy(() -> certificate(replica, token, InstantSource.system()))
        .isInstanceOf(CertificateRequestFailed.class);
  }

  @Test
  void aClockThatIsTenMinutesSlowRefusesTokensOfTheFutureAndSaysWhy() throws Exception {
    Replica right = replica("right", cluster.gate());
    var clock = new AtomicReference<>(InstantSource.system());
    Replica replica =
        opened.add(
            Replica.start("slow", cluster.connect(cluster.gate()), () -> clock.get().instant()));
    clock.set(InstantSource.offset(InstantSource.system(), Duration.ofMinutes(-10)));
    String token = token();
    assertThatThrownBy(() -> certificate(replica, token, InstantSource.system()))
        .isInstanceOf(CertificateRequestFailed.class)
        .hasMessageContaining("the clock here is");
    assertWeb(certificate(right, token, InstantSource.system()));
    assertThat(right.leads() && replica.leads()).as("two leaders").isFalse();
    assertThat(right.leads() || replica.leads()).as("one leader").isTrue();
  }
}
