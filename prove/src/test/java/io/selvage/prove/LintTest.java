package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.prove.LintFinding.Kind;
import org.junit.jupiter.api.Test;

/** What is odd about policies. */
class LintTest {
  private static LintReport lint(String yaml) {
    LintReport report = new Prover(Options.DEFAULT).lint(Fixtures.mesh(yaml));
    assertThat(report.inconclusive()).isEmpty();
    return report;
  }

  private static String only(String yaml) {
    LintReport report = lint(yaml);
    assertThat(report.findings()).hasSize(1);
    LintFinding finding = report.findings().getFirst();
    return "%s %s rule %s because %s"
        .formatted(
            finding.kind(),
            finding.policy(),
            finding.rule().map(String::valueOf).orElse("-"),
            finding.because().stream()
                .map(each -> each.policy() + "[" + each.rule() + "]")
                .toList());
  }

  @Test
  void aRuleThatNothingMatches() {
    assertThat(
            only(
                Fixtures.policy(
                    "p",
                    "ALLOW",
                    """
                      - to: [{operation: {paths: ["/a*"], notPaths: ["/a*"], methods: [GET]}}]
                      - to: [{operation: {methods: [PUT]}}]
                    """)))
        .isEqualTo("IMPOSSIBLE payments/p rule 0 because []");
  }

  @Test
  void aRuleThatOthersDeny() {
    assertThat(
            only(
                Fixtures.policy("p", "ALLOW", "  - to: [{operation: {paths: [\"/a\", \"/b\"]}}]\n")
                    + Fixtures.policy(
                        "q",
                        "DENY",
                        """
                          - to: [{operation: {paths: ["/a*"]}}]
                          - to: [{operation: {paths: ["/b"]}}]
                          - to: [{operation: {paths: ["/c"]}}]
                        """)))
        .isEqualTo("DENIED payments/p rule 0 because [payments/q[0], payments/q[1]]");
  }

  @Test
  void aRuleThatOthersCoverTogether() {
    assertThat(
            only(
                Fixtures.policy(
                    "p",
                    "ALLOW",
                    """
                      - to: [{operation: {methods: [GET, PUT], paths: ["/a"]}}]
                      - to: [{operation: {methods: [GET], paths: ["/a*"]}}]
                      - to: [{operation: {methods: [PUT]}}]
                    """)))
        .isEqualTo("REDUNDANT payments/p rule 0 because [payments/p[1], payments/p[2]]");
  }

  @Test
  void aPolicyThatSelectsNothing() {
    assertThat(
            only(
                Fixtures.policy("p", "DENY", "  - to: [{operation: {methods: [GET]}}]\n")
                    .replace("app: ledger", "app: nobody")))
        .isEqualTo("DEAD payments/p rule - because []");
  }

  @Test
  void plaintextThatANegationLetsIn() {
    LintReport report =
        lint(Fixtures.policy("p", "ALLOW", "  - from: [{source: {notNamespaces: [web]}}]\n"));
    LintFinding finding = report.findings().getFirst();
    assertThat(finding.kind()).isEqualTo(Kind.PLAINTEXT_ADMITTED);
    assertThat(finding.witness().orElseThrow().request().principal()).isEmpty();
    assertThat(finding.witness().orElseThrow().after().allowed()).isTrue();
    assertThat(report.plaintext()).isNotEmpty();
  }

  @Test
  void aTokenThatNobodyTakes() {
    LintReport report =
        lint(
            Fixtures.policy(
                "p", "DENY", "  - from: [{source: {notRequestPrincipals: [\"*\"]}}]\n"));
    assertThat(report.findings()).extracting(LintFinding::kind).contains(Kind.TOKEN_WITHOUT_ISSUER);
  }

  @Test
  void whatIsInOrderIsNotFound() {
    assertThat(
            lint(Fixtures.policy(
                    "p",
                    "ALLOW",
                    "  - from: [{source: {namespaces: [web]}}]\n    to: [{operation: {ports: [\"8080\"]}}]\n"))
                .findings())
        .isEmpty();
  }
}
