package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.PortProtocol;
import io.selvage.model.SourceLocation;
import io.selvage.prove.LintFinding.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Policies that name what they bind instead of selecting it by labels, as istiod attaches them. */
class TargetRefsTest {
  private static ProvedWorkload gateway(String name, String className) {
    return new ProvedWorkload(
        "",
        "payments",
        name,
        Map.of(
            "app",
            name,
            "gateway.networking.k8s.io/gateway-name",
            name,
            "gateway.networking.k8s.io/gateway-class-name",
            className),
        Optional.of("spiffe://cluster.local/ns/payments/sa/" + name),
        List.of(new Port("http", 80, PortProtocol.HTTP, Optional.empty(), 80)),
        List.of(),
        className.equals("istio-waypoint") ? Enforcer.WAYPOINT : Enforcer.GATEWAY,
        SourceLocation.UNKNOWN);
  }

  private static final ProvedWorkload DOOR = gateway("door", "istio");
  private static final ProvedWorkload WAYPOINT = gateway("way", "istio-waypoint");

  private static Mesh mesh(String yaml, ProvedWorkload... more) {
    List<ProvedWorkload> all = new ArrayList<>(List.of(Fixtures.LEDGER, Fixtures.FRONT));
    all.addAll(List.of(more));
    return Mesh.of("test", Fixtures.snapshot(yaml), all);
  }

  private static String denial(String namespace, String group, String kind, String name) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: none, namespace: %s}
    spec:
      targetRefs: [{group: "%s", kind: %s, name: %s}]
      action: DENY
      rules: [{}]
    ---
    """
        .formatted(namespace, group, kind, name);
  }

  /** The workloads at which anything is allowed. */
  private static List<String> open(Mesh mesh) {
    ReachReport report =
        new Prover(Options.DEFAULT)
            .reach(mesh, new SourceSelection.Anybody(), WorkloadSelection.ALL);
    assertThat(report.inconclusive()).isEmpty();
    return report.reaches().stream()
        .filter(reach -> !reach.rows().isEmpty())
        .map(reach -> reach.place().workload().name())
        .distinct()
        .sorted()
        .toList();
  }

  @Test
  void aGatewayHasThePolicyThatNamesItAndItsNeighboursHaveNot() {
    String named = denial("payments", "gateway.networking.k8s.io", "Gateway", "door");
    assertThat(open(mesh(named, DOOR, WAYPOINT))).containsExactly("front", "ledger", "way");
    assertThat(open(mesh(named.replace("namespace: payments", "namespace: web"), DOOR)))
        .containsExactly("door", "front", "ledger");
  }

  @Test
  void allWaypointsHaveWhatTheRootNamespaceHasForTheirClass() {
    String all =
        denial("istio-system", "gateway.networking.k8s.io", "GatewayClass", "istio-waypoint");
    assertThat(open(mesh(all, DOOR, WAYPOINT))).containsExactly("door", "front", "ledger");
  }

  @Test
  void labelsChooseGatewaysAndNeverWaypoints() {
    String selected =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: none, namespace: payments}
        spec: {action: DENY, rules: [{}]}
        """;
    assertThat(open(mesh(selected, DOOR, WAYPOINT))).containsExactly("front", "way");
  }

  @Test
  void aWaypointThatHasPoliciesForSomeServicesAloneIsInconclusive() {
    String some = denial("payments", "", "Service", "ledger");
    ReachReport report =
        new Prover(Options.DEFAULT)
            .reach(mesh(some, WAYPOINT), new SourceSelection.Anybody(), WorkloadSelection.ALL);
    assertThat(report.inconclusive())
        .isNotEmpty()
        .allMatch(each -> each.place().workload().equals(WAYPOINT));
    DiffReport diff = new Prover(Options.DEFAULT).diff(mesh("", WAYPOINT), mesh(some, WAYPOINT));
    assertThat(diff.isEquivalent()).isFalse();
    assertThat(diff.inconclusive()).isNotEmpty();
  }

  @Test
  void whereThereIsNoWaypointItIsSaidWhomThePolicyDoesNotBind() {
    Mesh mesh = mesh(denial("payments", "", "Service", "ledger"));
    assertThat(open(mesh)).contains("ledger");
    assertThat(new Prover(Options.DEFAULT).lint(mesh).findings())
        .extracting(each -> each.kind() + " " + each.text())
        .containsExactly(
            Kind.DEAD
                + " the policy is for Service ledger, of which no gateway or waypoint is here:"
                + " it does not bind payments/ledger");
  }
}
