package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The CA in its Secret, the roots in every namespace, and the one replica that writes them. */
@Tag("real")
final class TrustTest {
  @TempDir static Path home;

  private static final String SECRET =
      "{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: istio-system}}";

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private final Opened opened = new Opened();

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.start(home));
    cluster.client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: pay}}");
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  @AfterEach
  void end() {
    opened.close();
  }

  private Replica replica(String name) throws Exception {
    return opened.add(Replica.start(name, cluster.connect(cluster.gate()), TokenCheck.JWKS));
  }

  private static String map(String namespace) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: %s}}"
        .formatted(namespace);
  }

  private static void awaitRoots(String namespace, String roots) throws Exception {
    Until.seen(
        "the roots of " + namespace,
        () -> {
          try {
            return cluster.get(map(namespace)).path("data").path("root-cert.pem").asString("");
          } catch (java.io.IOException e) {
            return ""; // it isn't there
          }
        },
        roots::equals);
  }

  @Test
  void twoReplicasHaveOneCaAndOneOfThemWrites() throws Exception {
    Replica one = replica("one");
    Replica two = replica("two");
    assertThat(two.roots()).isEqualTo(one.roots());
    Until.holds("one of the two leads", () -> one.leads() || two.leads());
    assertThat(one.leads() && two.leads()).isFalse();
    Replica leader = one.leads() ? one : two;
    Replica other = one.leads() ? two : one;
    awaitRoots("pay", one.roots());
    leader.close();
    Until.holds("the other one leads", other::leads);
    cluster.client().delete(Manifest.read(map("pay")));
    awaitRoots("pay", other.roots());
  }

  @Test
  void aLeaderThatIsCutOffIsFollowedAndStepsDown() throws Exception {
    Gate gate = cluster.gate();
    Replica one = opened.add(Replica.start("one", cluster.connect(gate), TokenCheck.JWKS));
    Until.holds("one leads", one::leads);
    Replica two = replica("two");
    assertThat(two.leads()).isFalse();
    gate.cut();
    Until.holds("two leads", two::leads);
    assertThat(one.leads()).as("the old leader leads no more when another begins").isFalse();
    gate.mend();
    two.close();
    Until.holds("one leads again", one::leads);
  }

  @Test
  void theRootsOfEveryNamespaceAreKeptRight() throws Exception {
    Replica replica = replica("one");
    awaitRoots("pay", replica.roots());
    awaitRoots("istio-system", replica.roots());
    for (int i = 0; i < 20; i++) {
      cluster
          .client()
          .apply(
              """
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: istio-ca-root-cert, namespace: pay}
              data: {root-cert.pem: "mine %d", other: stays}
              """
                  .formatted(i));
      awaitRoots("pay", replica.roots());
    }
    assertThat(cluster.get(map("pay")).path("data").path("other").asString()).isEqualTo("stays");
    cluster.client().delete(Manifest.read(map("pay")));
    awaitRoots("pay", replica.roots());
    cluster.client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: fresh}}");
    awaitRoots("fresh", replica.roots());
  }

  @Test
  void theSecretIsInIstiosFormatAndIsWrittenAgainWhenItIsDeleted() throws Exception {
    Replica replica = replica("one");
    JsonNode secret = cluster.get(SECRET);
    assertThat(secret.path("type").asString()).isEqualTo("istio.io/ca-root");
    assertThat(text(secret, "ca-cert.pem")).isEqualTo(replica.roots());
    assertThat(text(secret, "ca-key.pem")).contains("PRIVATE KEY");
    cluster.client().delete(Manifest.read(SECRET));
    Until.holds("the Secret is there again", TrustTest::isThere);
    assertThat(text(cluster.get(SECRET), "ca-key.pem")).isEqualTo(text(secret, "ca-key.pem"));
    replica.close();
    // As an istiod would have left it: nothing but its own keys.
    cluster.client().delete(Manifest.read(SECRET));
    cluster
        .client()
        .apply(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: istio-ca-secret, namespace: istio-system}
            type: istio.io/ca-root
            data: {ca-cert.pem: "%s", ca-key.pem: "%s", cert-chain.pem: "", key.pem: "", root-cert.pem: ""}
            """
                .formatted(
                    secret.path("data").path("ca-cert.pem").asString(),
                    secret.path("data").path("ca-key.pem").asString()));
    assertThat(replica("two").roots()).isEqualTo(text(secret, "ca-cert.pem"));
  }

  private static boolean isThere() throws InterruptedException {
    try {
      return cluster.get(SECRET).has("data");
    } catch (java.io.IOException e) {
      return false;
    }
  }

  private static String text(JsonNode secret, String key) {
    return new String(
        Base64.getDecoder().decode(secret.path("data").path(key).asString()),
        StandardCharsets.UTF_8);
  }

  @Test
  void aDamagedCaIsNeverReplaced() throws Exception {
    Replica replica = replica("one");
    replica.close();
    JsonNode before = cluster.get(SECRET);
    cluster
        .client()
        .apply(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: istio-ca-secret, namespace: istio-system}
            data: {selvage-state: aGFsZg==}
            """);
    Replica next =
        opened.add(Replica.begin("two", cluster.connect(cluster.gate()), TokenCheck.JWKS));
    Until.seen(
        "it isn't ready",
        next::readiness,
        text -> text.startsWith("503") && text.contains("damaged"));
    putBack(before);
    next.awaitReady();
    assertThat(next.roots()).isEqualTo(text(before, "ca-cert.pem"));
  }

  private static void putBack(JsonNode secret) throws Exception {
    cluster.client().delete(Manifest.read(SECRET));
    JsonNode whole = Manifest.read(SECRET).getFirst();
    ((ObjectNode) whole).set("type", secret.path("type"));
    ((ObjectNode) whole).set("data", secret.path("data"));
    cluster.client().apply(List.of(whole));
  }

  @Test
  void aCaThatIsGoneWhileItsRootIsInUseIsNotReplacedUntilThatRootIsGivenUp() throws Exception {
    Replica replica = replica("one");
    String roots = replica.roots();
    awaitRoots("pay", roots);
    replica.close();
    JsonNode before = cluster.get(SECRET);
    cluster.client().delete(Manifest.read(SECRET));
    Replica next =
        opened.add(Replica.begin("two", cluster.connect(cluster.gate()), TokenCheck.JWKS));
    Until.seen(
        "it isn't ready",
        next::readiness,
        text -> text.startsWith("503") && text.contains("SLV7238"));
    assertThat(isThere()).isFalse();
    putBack(before);
    next.awaitReady();
    assertThat(next.roots()).isEqualTo(roots);
    next.close();

    cluster.client().delete(Manifest.read(SECRET));
    Replica last =
        opened.add(Replica.begin("three", cluster.connect(cluster.gate()), TokenCheck.JWKS));
    Until.seen("it isn't ready", last::readiness, text -> text.contains("SLV7238"));
    for (JsonNode map : cluster.client().list("/api/v1/configmaps")) {
      if (map.path("metadata").path("name").asString().equals("istio-ca-root-cert")) {
        cluster
            .client()
            .delete(Manifest.read(map(map.path("metadata").path("namespace").asString())));
      }
    }
    last.awaitReady();
    assertThat(last.roots()).isNotEqualTo(roots);
    awaitRoots("pay", last.roots());
  }

  @Test
  void anEarlierStateOfTheSecretIsReplacedByWhatTheReplicaHolds() throws Exception {
    Replica replica = replica("one");
    Until.holds("it leads", replica::leads);
    JsonNode before = cluster.get(SECRET);
    replica.authority().beginRotation();
    String roots = replica.roots();
    JsonNode after = cluster.get(SECRET);
    putBack(before);
    Until.seen(
        "what is held is stored again",
        () -> cluster.get(SECRET).path("data").path("selvage-state"),
        after.path("data").path("selvage-state")::equals);
    assertThat(replica.roots()).isEqualTo(roots);
    replica.authority().abandonRotation();
  }

  private static String cacerts(CaCredentials issuer) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: cacerts, namespace: istio-system}
    data: {ca-cert.pem: "%s", ca-key.pem: "%s", cert-chain.pem: "%s", root-cert.pem: "%s"}
    """
        .formatted(
            encoded(Pem.of(issuer.issuer())),
            encoded(issuer.privateKeyPem()),
            encoded(Pem.of(issuer.chain())),
            encoded(Pem.of(issuer.root())));
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theCaThatTheUserBringsSignsAndAnotherIssuerBelowItsRootIsTakenUp() throws Exception {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var profile = new CaProfile.Istiod("cluster.local");
    var life = Duration.ofDays(30);
    CaCredentials root =
        CaCredentials.selfSigned(profile, KeyAlgorithm.DEFAULT, life, clock.instant(), random);
    CaCredentials first =
        root.intermediate(profile, KeyAlgorithm.DEFAULT, life, clock.instant(), random);
    CaCredentials second =
        root.intermediate(profile, KeyAlgorithm.DEFAULT, life, clock.instant(), random);
    cluster.client().apply(cacerts(first));
    try {
      Replica replica = replica("one");
      assertThat(replica.roots()).isEqualTo(Pem.of(root.root()));
      assertThat(replica.issuer()).isEqualTo(first.issuer());
      awaitRoots("pay", Pem.of(root.root()));
      cluster.client().apply(cacerts(second));
      Until.seen("the other issuer signs", replica::issuer, second.issuer()::equals);
    } finally {
      cluster.client().delete(Manifest.read(cacerts(first)));
    }
  }
}
