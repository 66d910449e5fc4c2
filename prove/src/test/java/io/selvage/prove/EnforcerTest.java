package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.PortProtocol;
import io.selvage.model.SourceLocation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.Assertion.Kind;
import io.selvage.prove.Verdict.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What counts at a gateway, at a waypoint, behind ztunnel, and where nobody can tell. */
class EnforcerTest {
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      ---
      """;
  private static final String ADMIN =
      """
        - to: [{operation: {hosts: [shop.example.com], paths: ["/*"], ports: ["8443"]}}]
      """;

  private static ProvedWorkload door(Enforcer enforcer, PortProtocol protocol) {
    return new ProvedWorkload(
        "",
        "payments",
        "ledger",
        Map.of("app", "ledger"),
        Optional.of("spiffe://cluster.local/ns/payments/sa/ledger"),
        List.of(new Port("https", 8443, protocol, Optional.of("ledger.payments"), 443)),
        List.of(),
        enforcer,
        SourceLocation.UNKNOWN);
  }

  private static Mesh mesh(ProvedWorkload workload, String yaml) {
    return Mesh.of("test", Fixtures.snapshot(yaml), List.of(workload, Fixtures.FRONT));
  }

  private static Verdict check(Mesh mesh, Kind kind, String rule) {
    AuthorizationPolicy.Rule read =
        Fixtures.snapshot(Fixtures.policy("region", "ALLOW", rule))
            .all(AuthorizationPolicy.class)
            .getFirst()
            .ruleList()
            .getFirst();
    Region region =
        new Region(
            read.from(),
            new WorkloadSelection(
                WorkloadSelection.named("payments", "ledger").anyOf(), Set.of(8443)),
            read.to(),
            read.when());
    Assertion assertion =
        new Assertion("id", "", kind, region, List.of(), false, SourceLocation.UNKNOWN);
    return new Prover(Options.DEFAULT).check(mesh, List.of(assertion)).getFirst();
  }

  private static Mesh gateway(String rules) {
    return mesh(
        door(Enforcer.GATEWAY, PortProtocol.HTTPS),
        STRICT + Fixtures.policy("allow", "ALLOW", rules));
  }

  @Test
  void aGatewayTakesRequestsWhateverItsServiceSaysOfThePort() {
    Verdict verdict =
        check(gateway(ADMIN), Kind.NEVER, "  - to: [{operation: {paths: [\"/admin*\"]}}]\n");
    assertThat(verdict.outcome()).isEqualTo(Outcome.VIOLATED);
    assertThat(verdict.violations())
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.place().protocol()).isEqualTo(Protocol.HTTP);
              assertThat(violation.witness().request().path()).isEqualTo("/admin");
            });
    assertThat(verdict.assumes()).anyMatch(line -> line.contains("Gateways may take any port"));
  }

  @Test
  void noPeerAuthenticationKeepsPlaintextFromAGateway() {
    String nobody = "  - from: [{source: {notPrincipals: [\"*\"]}}]\n";
    assertThat(check(gateway(ADMIN), Kind.NEVER, nobody).outcome()).isEqualTo(Outcome.VIOLATED);
    Mesh sidecar =
        mesh(
            door(Enforcer.SIDECAR, PortProtocol.HTTP),
            STRICT + Fixtures.policy("allow", "ALLOW", ADMIN));
    assertThat(check(sidecar, Kind.NEVER, nobody).outcome()).isEqualTo(Outcome.PROVED);
  }

  @Test
  void whoShowsAGatewayNoCertificateMayNameAServer() {
    String named = "  - when: [{key: connection.sni, values: [a.example.com]}]\n";
    String nobody =
        "  - from: [{source: {notPrincipals: [\"*\"]}}]\n    to: [{operation: {methods: [GET]}}]\n";
    assertThat(check(gateway(named), Kind.NEVER, nobody).outcome()).isEqualTo(Outcome.VIOLATED);
  }

  @Test
  void certificatesOfOtherAuthoritiesCountAtAGateway() {
    String partner = "  - from: [{source: {principals: [partner.example/billing]}}]\n";
    assertThat(check(gateway(partner), Kind.NEVER, partner).outcome()).isEqualTo(Outcome.VIOLATED);
  }

  @Test
  void whatMustBeAllowedAtAGatewayIsInconclusiveWhereItsProtocolDecides() {
    String get = "  - to: [{operation: {methods: [GET]}}]\n";
    Verdict dropped = check(gateway(get), Kind.ALWAYS, get);
    assertThat(dropped.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(dropped.inconclusive())
        .singleElement()
        .satisfies(one -> assertThat(one.place().protocol()).isEqualTo(Protocol.TCP))
        .satisfies(one -> assertThat(one.reason()).contains("servers"));
    Verdict either =
        check(gateway("  - to: [{operation: {ports: [\"8443\"]}}]\n"), Kind.ALWAYS, get);
    assertThat(either.outcome()).isEqualTo(Outcome.PROVED);
    Verdict denied = check(gateway(get), Kind.ALWAYS, "  - to: [{operation: {methods: [PUT]}}]\n");
    assertThat(denied.outcome()).isEqualTo(Outcome.VIOLATED);
  }

  @Test
  void plaintextComesToNoWaypoint() {
    Mesh open = mesh(door(Enforcer.WAYPOINT, PortProtocol.HTTP), "");
    assertThat(
            check(open, Kind.NEVER, "  - from: [{source: {notPrincipals: [\"*\"]}}]\n").outcome())
        .isEqualTo(Outcome.PROVED);
  }

  @Test
  void nothingIsToldOfWhatIsBehindZtunnel() {
    String delete = "  - to: [{operation: {methods: [DELETE]}}]\n";
    Mesh ambient =
        mesh(door(Enforcer.ZTUNNEL, PortProtocol.HTTP), Fixtures.policy("deny", "DENY", delete));
    for (Kind kind : Kind.values()) {
      Verdict verdict = check(ambient, kind, delete);
      assertThat(verdict.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
      assertThat(verdict.inconclusive()).allMatch(one -> one.reason().contains("ztunnel"));
    }
  }

  @Test
  void aWorkloadIsNotJudgedWithAnotherThatHasTheSamePolicies() {
    ProvedWorkload other =
        new ProvedWorkload(
            "",
            "payments",
            "twin",
            Map.of("app", "ledger"),
            Optional.empty(),
            door(Enforcer.SIDECAR, PortProtocol.HTTP).ports(),
            List.of(),
            true,
            SourceLocation.UNKNOWN);
    Mesh both =
        Mesh.of(
            "test",
            Fixtures.snapshot(""),
            List.of(door(Enforcer.ZTUNNEL, PortProtocol.HTTP), other));
    ReachReport report =
        new Prover(Options.DEFAULT)
            .reach(both, new SourceSelection.Anybody(), WorkloadSelection.ALL);
    assertThat(report.inconclusive())
        .isNotEmpty()
        .allMatch(one -> one.place().workload().name().equals("ledger"));
    assertThat(report.reaches())
        .isNotEmpty()
        .allMatch(one -> one.place().workload().name().equals("twin"));
  }

  private static String custom(String provider, String path) {
    return Fixtures.policy(
            provider, "CUSTOM", "  - to: [{operation: {paths: [\"%s\"]}}]\n".formatted(path))
        .replace("action: CUSTOM", "action: CUSTOM\n  provider: {name: " + provider + "}");
  }

  @Test
  void ofSeveralAuthorizersItIsNotKnownWhetherTheyAreAsked() {
    ProvedWorkload ledger = door(Enforcer.SIDECAR, PortProtocol.HTTP);
    String any = "  - to: [{operation: {paths: [\"/a\"]}}]\n";
    Verdict two = check(mesh(ledger, custom("one", "/a") + custom("two", "/b")), Kind.NEVER, any);
    assertThat(two.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(two.inconclusive())
        .allMatch(
            each ->
                each.reason().contains("(one, two)")
                    && each.reason().contains("PILOT_ENABLE_MULTIPLE_CUSTOM_AUTHZ_PROVIDERS"));
    Verdict one = check(mesh(ledger, custom("one", "/a")), Kind.NEVER, any);
    assertThat(one.outcome()).isEqualTo(Outcome.PROVED); // nobody knows it, so it denies
  }

  private static String ingress(String protocol) {
    return """
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: ports, namespace: payments}
    spec:
      workloadSelector: {labels: {app: ledger}}
      ingress: [{port: {number: 8443, protocol: %s, name: x}, defaultEndpoint: "127.0.0.1:80"}]
    ---
    """
        .formatted(protocol);
  }

  @Test
  void aSidecarThatGivesAPortAnotherProtocolThanItsServiceLeavesItOpen() {
    ProvedWorkload ledger = door(Enforcer.SIDECAR, PortProtocol.HTTP);
    String never = "  - to: [{operation: {paths: [\"/a\"]}}]\n";
    String none = Fixtures.policy("none", "DENY", "  - {}\n");
    Verdict other = check(mesh(ledger, none + ingress("TCP")), Kind.NEVER, never);
    assertThat(other.outcome()).isEqualTo(Outcome.INCONCLUSIVE);
    assertThat(other.inconclusive())
        .allMatch(one -> one.reason().contains("Sidecar payments/ports"));
    assertThat(check(mesh(ledger, none + ingress("GRPC")), Kind.NEVER, never).outcome())
        .isEqualTo(Outcome.PROVED);
    assertThat(
            check(
                    mesh(door(Enforcer.GATEWAY, PortProtocol.HTTP), none + ingress("TCP")),
                    Kind.NEVER,
                    never)
                .outcome())
        .isEqualTo(Outcome.PROVED);
  }
}
