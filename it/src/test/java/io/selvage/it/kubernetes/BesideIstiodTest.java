package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.command.SelvageCommand;
import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Istio's control plane and ours share: the keeper of the roots, and {@code cacerts}. */
@Tag("real")
final class BesideIstiodTest {
  private static final String ELECTION =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata:
        name: istio-namespace-controller-election
        namespace: istio-system
        annotations:
          control-plane.alpha.kubernetes.io/leader: '{"holderIdentity": "%s", "holderKey": "default", "leaseDurationSeconds": %d, "renewTime": "2026-01-01T00:00:00Z"}'
      """;

  @TempDir static Path home;

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
  void end() throws Exception {
    opened.close();
    cluster.client().delete(Manifest.read(ELECTION.formatted("", 1)));
    cluster
        .client()
        .delete(
            Manifest.read(
                "{apiVersion: v1, kind: Secret, metadata: {name: cacerts, namespace: istio-system}}"));
  }

  private Replica replica() throws Exception {
    return opened.add(Replica.start("one", cluster.connect(cluster.gate()), TokenCheck.JWKS));
  }

  private static String map(String namespace, String roots) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: istio-ca-root-cert, namespace: %s}
    data: {root-cert.pem: "%s"}
    """
        .formatted(namespace, roots);
  }

  private static String roots(String namespace) throws Exception {
    try {
      return cluster.get(map(namespace, "")).path("data").path("root-cert.pem").asString("");
    } catch (IOException e) {
      return ""; // it isn't there
    }
  }

  @Test
  void whatAnIstiodKeepsIsLeftUntilItsElectionIsOver() throws Exception {
    cluster.client().apply(ELECTION.formatted("istiod-1", 3600));
    cluster.client().apply(map("pay", "istiod's"));
    Replica replica = replica();
    Until.holds("it leads", replica::leads);
    cluster.client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: fresh}}");
    Until.seen(
        "it knows of the new namespace",
        () -> replica.plane().snapshot().resources().toString(),
        all -> all.contains("fresh"));
    assertThat(roots("pay")).isEqualTo("istiod's");
    assertThat(roots("fresh")).isEmpty();

    cluster.client().apply(ELECTION.formatted("", 1));
    Until.seen("released: ours", () -> roots("pay"), replica.roots()::equals);
    Until.seen("the new namespace's, too", () -> roots("fresh"), replica.roots()::equals);
  }

  @Test
  void anIstiodThatRenewsNoMoreIsGone() throws Exception {
    cluster.client().apply(ELECTION.formatted("istiod-1", 2));
    cluster.client().apply(map("pay", "istiod's"));
    Replica replica = replica();
    Until.seen("it ran out: ours", () -> roots("pay"), replica.roots()::equals);
  }

  @Test
  void aRootThatCacertsNamesIsTrustedAtOnceAndSignsWhenItIsHeld() throws Exception {
    CaCredentials first = root();
    CaCredentials second = root();
    cluster.client().apply(cacerts(first, TrustBundle.of(first.root()), ""));
    Replica replica = replica();
    assertThat(replica.issuer()).isEqualTo(first.issuer());
    TrustBundle both = TrustBundle.of(List.of(first.root(), second.root()));
    cluster.client().apply(cacerts(second, both, ""));
    Until.seen("both are trusted", replica::roots, both.pem()::equals);
    Until.seen("and given to Pods", () -> roots("pay"), both.pem()::equals);
    assertThat(replica.issuer()).as("the new one waits").isEqualTo(first.issuer());

    cluster.client().apply(cacerts(second, both, Fingerprint.sha256Hex(second.root())));
    Until.seen("the new one signs", replica::issuer, second.issuer()::equals);
    cluster
        .client()
        .apply(
            cacerts(second, TrustBundle.of(second.root()), Fingerprint.sha256Hex(second.root())));
    Until.seen("the old one is trusted no more", replica::roots, Pem.of(second.root())::equals);
  }

  @Test
  void aCacertsThatComesLaterIsFollowed() throws Exception {
    Replica replica = replica();
    String before = replica.roots();
    CaCredentials brought = root();
    cluster
        .client()
        .apply(
            cacerts(
                brought,
                TrustBundle.parse(before).with(brought.root()),
                Fingerprint.sha256Hex(brought.root())));
    Until.seen("what the user brought signs", replica::issuer, brought.issuer()::equals);
    assertThat(replica.roots()).contains(before.strip());
  }

  @Test
  void whatOfTheConfigurationWouldBeLostIsNamed() throws Exception {
    cluster
        .client()
        .apply(
            """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: canary, namespace: pay}
            spec: {hosts: [pay], http: [{route: [{destination: {host: pay}}]}]}
            ---
            apiVersion: networking.istio.io/v1alpha3
            kind: EnvoyFilter
            metadata: {name: lua, namespace: istio-system}
            spec: {}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: fine, namespace: pay}
            spec: {rules: [{to: [{operation: {paths: [/get]}}]}]}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: broken, namespace: pay}
            spec: {rules: [{when: [{key: destination.name, values: [pay]}]}]}
            """);
    Said said = selvage("check");
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.text())
        .containsPattern("× +istio-system +EnvoyFilter +lua")
        .containsPattern("× +pay +VirtualService +canary +routes")
        .containsPattern("× +pay +AuthorizationPolicy +broken +.*destination.name")
        .contains("3 of them", "SLV7284")
        .doesNotContain("fine");
  }

  @Test
  void theStatusIsForProgramsToo() throws Exception {
    cluster
        .client()
        .apply(
            "{apiVersion: v1, kind: Namespace, metadata: {name: both, labels: {istio-injection: enabled, selvage.io/injection: enabled}}}");
    Replica replica = replica();
    Until.seen(
        "the replica's entry", () -> selvage("status").text(), text -> text.contains("signs by"));
    Said said = selvage("status", "-o", "json");
    assertThat(said.status()).as("two injectors answer for one namespace").isEqualTo(1);
    JsonNode status = JsonMapper.shared().readTree(said.text());
    String root = Fingerprint.sha256Hex(replica.issuer()).substring(0, 12);
    assertThat(status.path("signs").asString()).isEqualTo(root);
    assertThat(status.path("ca").asString()).isEqualTo("istio-ca-secret");
    assertThat(status.path("replicas").path(0).asString()).contains(root);
    assertThat(status.path("findings").toString()).contains("both").contains("both injectors");
  }

  private record Said(int status, String text) {}

  private static Said selvage(String... words) throws IOException {
    var line = new ArrayList<>(List.of("migrate"));
    line.addAll(List.of(words));
    line.add("--kubeconfig=" + cluster.api().kubeconfig());
    var said = new StringWriter();
    int status =
        SelvageCommand.commandLine()
            .setOut(new PrintWriter(said, true))
            .setErr(new PrintWriter(said, true))
            .execute(line.toArray(String[]::new));
    return new Said(status, said.toString());
  }

  private static CaCredentials root() throws Exception {
    return CaCredentials.selfSigned(
        new CaProfile.Istiod("cluster.local"),
        KeyAlgorithm.DEFAULT,
        Duration.ofDays(30),
        InstantSource.system().instant(),
        new SecureRandom());
  }

  private static String cacerts(CaCredentials signing, TrustBundle roots, String held) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: cacerts, namespace: istio-system, annotations: {selvage.io/root-held: "%s"}}
    data: {ca-cert.pem: "%s", ca-key.pem: "%s", cert-chain.pem: "%s", root-cert.pem: "%s"}
    """
        .formatted(
            held,
            encoded(Pem.of(signing.issuer())),
            encoded(signing.privateKeyPem()),
            encoded(Pem.of(signing.chain())),
            encoded(roots.pem()));
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
