package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.PortProtocol;
import io.selvage.model.SourceLocation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.Assertion.Kind;
import io.selvage.prove.Verdict.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Demands about requests at a port whose proxy sees bytes alone: a request gets through with the
 * connection, whatever it says.
 */
class BytesTest {
  private static final String CHARGE =
      """
        - from: [{source: {namespaces: [web]}}]
          to: [{operation: {methods: [POST], paths: ["/charge"]}}]
      """;
  private static final String ANY_CONNECTION =
      """
        - from: [{source: {namespaces: [web]}}]
          to: [{operation: {ports: ["8080"]}}]
      """;

  private static ProvedWorkload ledger(PortProtocol protocol) {
    return Fixtures.workload(
        "payments",
        "ledger",
        new Port("api", 8080, protocol, Optional.of("ledger.payments"), 8080));
  }

  private static Region region(String rule, Integer... ports) {
    AuthorizationPolicy.Rule read =
        Fixtures.snapshot(Fixtures.policy("region", "ALLOW", rule))
            .all(AuthorizationPolicy.class)
            .getFirst()
            .ruleList()
            .getFirst();
    return new Region(
        read.from(),
        new WorkloadSelection(WorkloadSelection.named("payments", "ledger").anyOf(), Set.of(ports)),
        read.to(),
        read.when());
  }

  private static Verdict check(
      PortProtocol protocol, String rules, Kind kind, Region region, Region... except) {
    Mesh mesh =
        Mesh.of(
            "test",
            Fixtures.snapshot(Fixtures.policy("allow", "ALLOW", rules)),
            List.of(ledger(protocol), Fixtures.FRONT, Fixtures.NIGHTLY));
    Assertion assertion =
        new Assertion("id", "", kind, region, List.of(except), false, SourceLocation.UNKNOWN);
    return new Prover(Options.DEFAULT).check(mesh, List.of(assertion)).getFirst();
  }

  @Test
  void whoMayConnectMaySendTheRequest() {
    for (PortProtocol bytes : List.of(PortProtocol.TCP, PortProtocol.HTTPS, PortProtocol.TLS)) {
      Verdict verdict = check(bytes, ANY_CONNECTION, Kind.NEVER, region(CHARGE));
      assertThat(verdict.outcome()).as("%s", bytes).isEqualTo(Outcome.VIOLATED);
      assertThat(verdict.violations())
          .singleElement()
          .satisfies(
              violation -> {
                assertThat(violation.place().protocol()).isEqualTo(Protocol.TCP);
                assertThat(violation.witness().after().allowed()).isTrue();
                assertThat(violation.witness().request().principal())
                    .contains("spiffe://cluster.local/ns/web/sa/front");
                assertThat(violation.note().orElseThrow())
                    .contains("port 8080 is declared " + bytes);
              });
    }
  }

  @Test
  void whoMayNotConnectMayNotSendIt() {
    Region others = region(CHARGE.replace("[web]", "[batch]"));
    Verdict verdict = check(PortProtocol.TCP, ANY_CONNECTION, Kind.NEVER, others);
    assertThat(verdict.outcome()).isEqualTo(Outcome.PROVED);
    assertThat(verdict.places()).isEqualTo(2);
  }

  @Test
  void whatMustBeAllowedIsDeniedWithTheRuleThatTheProxyDrops() {
    Verdict verdict = check(PortProtocol.TCP, CHARGE, Kind.ALWAYS, region(CHARGE));
    assertThat(verdict.outcome()).isEqualTo(Outcome.VIOLATED);
    assertThat(verdict.violations())
        .singleElement()
        .satisfies(violation -> assertThat(violation.note()).isPresent());
    assertThat(check(PortProtocol.TCP, ANY_CONNECTION, Kind.ALWAYS, region(CHARGE)).outcome())
        .isEqualTo(Outcome.PROVED);
  }

  @Test
  void whereTheBytesShowRequestsTheyAreJudgedAsRequests() {
    Verdict open = check(PortProtocol.UNSPECIFIED, CHARGE, Kind.ALWAYS, region(CHARGE, 8080));
    assertThat(open.outcome()).isEqualTo(Outcome.PROVED);
    assertThat(open.places()).isEqualTo(1);
    Verdict violated = check(PortProtocol.HTTP, CHARGE, Kind.NEVER, region(CHARGE));
    assertThat(violated.violations())
        .allSatisfy(violation -> assertThat(violation.note()).isEmpty());
  }

  @Test
  void aDemandThatNoRequestMeetsIsAboutNothingAlsoThere() {
    Region none = region("  - to: [{operation: {paths: [/a], notPaths: [\"/a*\"]}}]\n", 8080);
    assertThat(check(PortProtocol.TCP, ANY_CONNECTION, Kind.NEVER, none).outcome())
        .isEqualTo(Outcome.SELECTS_NOTHING);
  }

  @Test
  void aRequestInTlsOfItsOwnNamesAServerWithoutAnIdentity() {
    Region named =
        region(
            """
              - from: [{source: {notPrincipals: ["*"]}}]
                to: [{operation: {paths: ["/charge"]}}]
                when: [{key: connection.sni, values: [ledger.example]}]
            """);
    assertThat(
            check(
                    PortProtocol.HTTPS,
                    "  - to: [{operation: {ports: [\"8080\"]}}]\n",
                    Kind.NEVER,
                    named)
                .outcome())
        .isEqualTo(Outcome.VIOLATED);
  }

  @Test
  void anExceptionAboutRequestsIsNoneForConnections() {
    Region health = region("  - to: [{operation: {paths: [\"/health\"]}}]\n");
    Region all =
        region(
            "  - from: [{source: {namespaces: [web]}}]\n    to: [{operation: {methods: [\"*\"]}}]\n");
    assertThat(check(PortProtocol.TCP, ANY_CONNECTION, Kind.NEVER, all, health).outcome())
        .isEqualTo(Outcome.VIOLATED);
    assertThat(check(PortProtocol.TCP, ANY_CONNECTION, Kind.NEVER, health, health).outcome())
        .isEqualTo(Outcome.PROVED);
  }
}
