package io.selvage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.ResourceReader;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.IstioTranslation.Protocol;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExplainerTest {
  private static final String ALLOW =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: viewer, namespace: sample}
      spec:
        rules:
        - from:
          - source:
              principals: [cluster.local/ns/sample/sa/other]
        - from:
          - source:
              principals: [cluster.local/ns/sample/sa/sleep]
          to:
          - operation:
              methods: [POST]
              paths: [/nothing]
          - operation:
              methods: [GET]
              paths: [/info]
      """;

  private static final String DENY =
      """
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: no-admin, namespace: sample}
      spec:
        action: DENY
        rules:
        - to:
          - operation:
              paths: ["/admin*"]
      """;

  private static final String SLEEP = "spiffe://cluster.local/ns/sample/sa/sleep";

  @Test
  void namesPolicyRuleAndLineOfADenial() {
    Explanation why = explain(ALLOW + DENY, SLEEP, RecordedRequest.of("GET", "a", "/admin/x"));
    assertThat(why.summary())
        .isEqualTo("denied by DENY policy sample/no-admin, rule 0 (policy.yaml:26)");
    assertThat(why.decidedBy().orElseThrow().fields())
        .singleElement()
        .satisfies(
            field -> {
              assertThat(field.path()).isEqualTo("to[0].operation.paths");
              assertThat(field.matches()).isTrue();
              assertThat(field.actual()).isEqualTo("/admin/x");
              assertThat(field.at()).hasToString("policy.yaml:28");
            });
  }

  @Test
  void namesTheNearestRuleAndItsFirstFailingFieldWhenNoneAllows() {
    Explanation why = explain(ALLOW + DENY, SLEEP, RecordedRequest.of("GET", "a", "/info/"));
    assertThat(why.summary())
        .isEqualTo(
            "denied: ALLOW policies apply and none of their rules matches; nearest is ALLOW policy"
                + " sample/viewer, rule 1 (policy.yaml:9): paths is /info/, wants one of [/info]"
                + " (differs in a trailing slash only)");
    assertThat(why.nearest().orElseThrow().fields().stream().map(FieldReport::matches))
        .containsExactly(true, true, false);
  }

  @Test
  void saysThatPlaintextHasNoIdentity() {
    Explanation why = explain(ALLOW, null, RecordedRequest.of("GET", "a", "/info"));
    assertThat(why.summary())
        .contains("principals is absent (plaintext)")
        .contains("no mTLS: the caller has no sidecar");
  }

  @Test
  void saysThatARuleIsDroppedOnPlainTcp() {
    Explanation why = explain(ALLOW, SLEEP, null);
    assertThat(why.decision()).isEqualTo(Decision.DENIED_BY_DEFAULT);
    assertThat(why.summary())
        .contains("to[0].operation.methods: it is of HTTP, and this port is plain TCP");
  }

  @Test
  void saysThatAnEmptyPolicyMatchesNothing() {
    Explanation why =
        explain(
            ALLOW.substring(0, ALLOW.indexOf("spec")) + "spec: {}\n",
            SLEEP,
            RecordedRequest.of("GET", "a", "/"));
    assertThat(why.summary()).endsWith("the policy has no rules, so it matches nothing");
  }

  @Test
  void namesTheRuleThatAllows() {
    Explanation why = explain(ALLOW, SLEEP, RecordedRequest.of("GET", "a", "/info"));
    assertThat(why.summary())
        .isEqualTo("allowed by ALLOW policy sample/viewer, rule 1 (policy.yaml:9)");
    assertThat(explain("", SLEEP, RecordedRequest.of("GET", "a", "/")).summary())
        .isEqualTo("allowed: no ALLOW policy applies");
  }

  private static Explanation explain(
      String yaml, @Nullable String peer, @Nullable RecordedRequest request) {
    List<AuthorizationPolicy> policies =
        ResourceReader.read("policy.yaml", yaml).resources().stream()
            .map(AuthorizationPolicy.class::cast)
            .toList();
    TranslatedAuthorization translated =
        IstioTranslation.translate(
            policies, MeshConfig.DEFAULTS, request == null ? Protocol.TCP : Protocol.HTTP);
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.ofNullable(peer),
            InetAddress.ofLiteral("10.0.0.1"),
            InetAddress.ofLiteral("10.0.0.2"),
            8000,
            Optional.empty());
    return Explainer.explain(translated, facts, request == null ? null : request.view());
  }
}
