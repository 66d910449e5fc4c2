package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.SourceLocation;
import io.selvage.prove.Assertion.Kind;
import io.selvage.prove.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Assertions: proved, violated with a request, or about nothing. */
class CheckTest {
  private static final String WEB =
      Fixtures.policy(
          "allow",
          "ALLOW",
          """
            - from: [{source: {namespaces: [web]}}]
              to: [{operation: {methods: [GET, POST], paths: ["/charge*"]}}]
            - to: [{operation: {paths: ["/health"]}}]
          """);

  /** A region in the words of a rule. */
  private static Region region(String rule, WorkloadSelection to) {
    MeshSnapshot snapshot = Fixtures.snapshot(Fixtures.policy("region", "ALLOW", rule));
    AuthorizationPolicy.Rule read =
        snapshot.all(AuthorizationPolicy.class).getFirst().ruleList().getFirst();
    return new Region(read.from(), to, read.to(), read.when());
  }

  private static Region region(String rule) {
    return region(rule, WorkloadSelection.named("payments", "ledger"));
  }

  private static Verdict check(Kind kind, Region region, Region... except) {
    Assertion assertion =
        new Assertion("id", "", kind, region, List.of(except), false, SourceLocation.UNKNOWN);
    return new Prover(Options.DEFAULT).check(Fixtures.mesh(WEB), List.of(assertion)).getFirst();
  }

  @Test
  void whatIsForbiddenIsProvedForEveryCaller() {
    Verdict verdict =
        check(
            Kind.NEVER,
            region(
                """
                  - from: [{source: {notNamespaces: [web]}}]
                    to: [{operation: {paths: ["/charge", "/charge/{**}"]}}]
                """));
    assertThat(verdict.outcome()).isEqualTo(Outcome.PROVED);
    assertThat(verdict.places()).isEqualTo(3);
    assertThat(verdict.assumes()).isNotEmpty();
  }

  @Test
  void anExceptionIsLeftOut() {
    Region others =
        region(
            "  - from: [{source: {notNamespaces: [web]}}]\n    to: [{operation: {methods: [\"*\"]}}]\n");
    Verdict violated = check(Kind.NEVER, others);
    assertThat(violated.outcome()).isEqualTo(Outcome.VIOLATED);
    assertThat(violated.violations().getFirst().witness().request().path()).isEqualTo("/health");
    assertThat(
            check(Kind.NEVER, others, region("  - to: [{operation: {paths: [\"/health\"]}}]\n"))
                .outcome())
        .isEqualTo(Outcome.PROVED);
  }

  @Test
  void whatMustBeAllowedIsShownWhereItIsNot() {
    Verdict verdict =
        check(
            Kind.ALWAYS,
            region(
                """
                  - from: [{source: {principals: [cluster.local/ns/web/sa/front]}}]
                    to: [{operation: {methods: [GET, PUT], paths: ["/charge/{*}"]}}]
                """));
    assertThat(verdict.outcome()).isEqualTo(Outcome.VIOLATED);
    assertThat(verdict.violations().getFirst().witness().request().method()).isEqualTo("PUT");
    assertThat(verdict.violations().getFirst().witness().after().allowed()).isFalse();
  }

  @Test
  void aboutNothingIsNotProved() {
    Verdict verdict =
        check(
            Kind.NEVER,
            region("  - to: [{operation: {methods: [GET]}}]\n", WorkloadSelection.named("x", "y")));
    assertThat(verdict.outcome()).isEqualTo(Outcome.SELECTS_NOTHING);
    assertThat(
            check(Kind.NEVER, region("  - to: [{operation: {paths: [/a], notPaths: [\"/a*\"]}}]\n"))
                .outcome())
        .isEqualTo(Outcome.SELECTS_NOTHING);
  }

  @Test
  void aRegionThatCantBeUnderstoodIsRefused() {
    Region bad =
        new Region(
            List.of(),
            WorkloadSelection.ALL,
            List.of(),
            List.of(
                new AuthorizationPolicy.Condition(
                    "source.ip",
                    io.selvage.model.FieldValues.of("10.0.0.300"),
                    io.selvage.model.FieldValues.EMPTY,
                    SourceLocation.UNKNOWN)));
    assertThatThrownBy(() -> check(Kind.NEVER, bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10.0.0.300");
  }
}
