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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  private static final String DENIED =
      "denied: ALLOW policies apply and none of their rules matches; nearest is ALLOW policy"
          + " sample/p, rule 0 (policy.yaml:4): ";

  /** What a user reads, one sentence for each kind of field. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "from: [{source: {requestPrincipals: ['*']}}] | requestPrincipals is absent (no token), wants one of [*]",
        "from: [{source: {namespaces: [other]}}] | namespaces is sample, wants one of [other]",
        "from: [{source: {serviceAccounts: [sleep2]}}] | serviceAccounts is sample/sleep, wants one of [sleep2]",
        "from: [{source: {trustDomains: [td2]}}] | trustDomains is cluster.local, wants one of [td2]",
        "from: [{source: {principals: ['spiffe://cluster.local/ns/sample/sa/sleep']}}] | principals is"
            + " cluster.local/ns/sample/sa/sleep, wants one of [spiffe://cluster.local/ns/sample/sa/sleep]"
            + " (values are written without spiffe://)",
        "from: [{source: {ipBlocks: [10.9.0.0/16]}}] | ipBlocks is 10.0.0.1, wants one of [10.9.0.0/16]",
        "to: [{operation: {ports: ['80']}}] | ports is 8000, wants one of [80]",
        "to: [{operation: {notPaths: [/x]}}] | paths is /x, wants none of [/x]",
        "to: [{operation: {hosts: [a.com]}}] | hosts is a.com:8000, wants one of [a.com]"
            + " (the port belongs to the host; add \"a.com:*\")",
        "to: [{operation: {methods: [get]}}] | methods is GET, wants one of [get] (differs in case only)",
        "to: [{operation: {paths: [/0, /1, /2, /3, /4, /5, /6, /7, /8, /9]}}] | paths is /x, wants one of"
            + " [/0, /1, /2, /3, /4, /5, /6, /7 and 2 more]",
        "when: [{key: 'request.headers[x-a]', values: [b]}] | request.headers[x-a] is absent, wants one of [b]",
        "when: [{key: 'request.auth.claims[groups]', values: [admin]}] | request.auth.claims[groups] is"
            + " absent (no token), wants one of [admin]",
      })
  void saysWhichFieldFailedAndWhatTheRequestHas(String rule, String sentence) {
    assertThat(
            explain(
                    policy("rules: [{" + rule + "}]"),
                    SLEEP,
                    RecordedRequest.of("GET", "a.com:8000", "/x"))
                .summary())
        .isEqualTo(DENIED + sentence);
  }

  @Test
  void saysThatAProviderCannotBeAsked() {
    String custom = policy("action: CUSTOM, provider: {name: nobody}, rules: [{}]");
    assertThat(explain(custom, SLEEP, RecordedRequest.of("GET", "a", "/x")).summary())
        .isEqualTo(
            "denied by CUSTOM policy sample/p, rule 0 (policy.yaml:4): its provider cannot be asked, so"
                + " what it matches is denied");
  }

  @Test
  void saysWhyARuleForPathsDeniesAConnection() {
    String deny = policy("action: DENY, rules: [{to: [{operation: {paths: [/x]}}]}]");
    assertThat(explain(deny, SLEEP, null).summary())
        .isEqualTo(
            "denied by DENY policy sample/p, rule 0 (policy.yaml:4): paths doesn't count: it is of HTTP,"
                + " and this port is plain TCP");
  }

  private static String policy(String spec) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: p, namespace: sample}
        spec: {%s}
        """
        .formatted(spec);
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
