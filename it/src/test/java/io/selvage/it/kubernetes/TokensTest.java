package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.control.kubernetes.identity.ClusterIssuer;
import io.selvage.control.kubernetes.identity.ClusterObjects;
import io.selvage.control.kubernetes.identity.ServiceAccountTokens;
import io.selvage.control.kubernetes.identity.TokenReviews;
import io.selvage.control.kubernetes.source.KubernetesSource;
import io.selvage.control.kubernetes.source.Revisions;
import io.selvage.control.kubernetes.source.StatusWriter;
import io.selvage.control.workload.Workloads;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tokens;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ServiceAccount tokens of a real API server, judged without it and by it. */
@Tag("real")
final class TokensTest {
  private static final String TRUST_DOMAIN = "it.kube";
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web-1, namespace: shop}
      spec: {serviceAccountName: web, nodeName: n1, containers: [{name: app, image: app}]}
      """;

  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private final Opened opened = new Opened();
  private final InstantSource clock = InstantSource.system();
  private Gate gate;
  private KubernetesClient client;
  private KubernetesSource source;
  private Authenticator byKeys;
  private Authenticator byReview;

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.start(home));
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: Namespace, metadata: {name: shop}}
            ---
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}
            """);
  }

  @BeforeEach
  void begin() throws Exception {
    cluster.client().apply(POD);
    gate = cluster.gate();
    client = cluster.connect(gate);
    StatusWriter statuses = opened.add(new StatusWriter(client, () -> false, clock));
    source =
        opened.add(
            KubernetesSource.of(
                client,
                Cluster.ROOT,
                new Workloads("it"),
                statuses,
                Revisions.of(List.of(), true)));
    source.start(snapshot -> {});
    byKeys = byKeys(clock);
    byReview = new TokenReviews(client, TRUST_DOMAIN);
  }

  private Authenticator byKeys(InstantSource at) throws Exception {
    return ServiceAccountTokens.of(
        client, ClusterIssuer.of(client, at), TRUST_DOMAIN, new ClusterObjects(source), at);
  }

  @AfterEach
  void end() {
    opened.close();
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private static String boundToken() throws Exception {
    return cluster.client().istioToken("shop", "web", "web-1");
  }

  private static Authentication judge(Authenticator by, String token) {
    return by.authenticate(CallerEvidence.ofToken(token));
  }

  private static void assertWeb(Authentication outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Authenticated.class,
            known ->
                assertThat(known.id().toString()).isEqualTo("spiffe://it.kube/ns/shop/sa/web"));
  }

  private static void assertRefused(Authentication outcome, String code, String words) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.code()).isEqualTo(code);
              assertThat(refused.reason()).contains(words);
            });
  }

  /** The Pod of a token as the watch knows it. */
  private void awaitPod(boolean there) throws Exception {
    Until.holds(
        "the watch knows whether the Pod is there",
        () -> source.pods().orElseThrow().get("shop", "web-1").isPresent() == there);
  }

  @Test
  void aProjectedTokenIsAnIdentityBothWays() throws Exception {
    awaitPod(true);
    assertWeb(judge(byKeys, boundToken()));
    assertWeb(judge(byReview, boundToken()));
  }

  @Test
  void aTokenOfAnotherIssuerThatTheApiServerAcceptsIsOneToo() throws Exception {
    ClusterIssuer now = ClusterIssuer.of(client, clock);
    Authenticator formerly =
        ServiceAccountTokens.of(
            client,
            new ClusterIssuer("https://former.example", now.keys()),
            TRUST_DOMAIN,
            new ClusterObjects(source),
            clock);
    assertWeb(judge(formerly, boundToken()));
    gate.cut();
    assertRefused(judge(formerly, boundToken()), "SLV5001", "https://former.example");
    assertRefused(
        judge(formerly, boundToken()), "SLV5001", "SLV5018 the API server cannot be asked");
  }

  @Test
  void theKeysNeedNoApiServerOnceTheyAreHeld() throws Exception {
    awaitPod(true);
    assertWeb(judge(byKeys, boundToken()));
    String token = boundToken();
    gate.cut();
    assertWeb(judge(byKeys, token));
    assertRefused(judge(byReview, token), "SLV5018", "it does not answer");
  }

  @Test
  void aTokenForSomebodyElseIsRefused() throws Exception {
    String token =
        cluster
            .client()
            .token("shop", "web", Map.of("audiences", List.of("https://kubernetes.default.svc")));
    assertRefused(judge(byKeys, token), "SLV5002", "wrong audience");
    assertRefused(judge(byReview, token), "SLV5018", "does not accept the token");
  }

  @Test
  void anExpiredTokenIsRefused() throws Exception {
    InstantSource later = InstantSource.offset(clock, Duration.ofHours(3));
    assertRefused(judge(byKeys(later), boundToken()), "SLV5003", "expired");
  }

  @Test
  void aTokenThatThisClusterDidNotSignIsRefused() throws Exception {
    String forged =
        new Tokens()
            .token(
                "https://kubernetes.default.svc",
                "system:serviceaccount:shop:web",
                "istio-ca",
                Duration.ofHours(1));
    assertRefused(judge(byKeys, forged), "SLV5003", "unknown key");
    assertRefused(judge(byReview, forged), "SLV5018", "does not accept the token");
  }

  @Test
  void aTokenDiesWithItsPod() throws Exception {
    awaitPod(true);
    String token = boundToken();
    cluster.client().deleteNow(Manifest.read(POD).getFirst());
    awaitPod(false);
    assertRefused(judge(byKeys, token), "SLV5018", "does not accept the token");
    cluster.client().apply(POD); // the same name is not the same Pod
    awaitPod(true);
    assertRefused(judge(byKeys, token), "SLV5018", "does not accept the token");
    gate.cut();
    assertRefused(judge(byKeys, token), "SLV5018", "it does not answer");
  }

  @Test
  void aTokenOfNoPodIsTheAccounts() throws Exception {
    String token = cluster.client().token("shop", "web", Map.of("audiences", List.of("istio-ca")));
    assertWeb(judge(byKeys, token));
    assertWeb(judge(byReview, token));
  }
}
