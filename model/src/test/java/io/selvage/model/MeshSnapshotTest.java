package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.EffectivePeerAuthentication.Scope;
import io.selvage.model.PeerAuthentication.Mode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MeshSnapshotTest {

  private static final WorkloadView PAY = new WorkloadView("pay", Map.of("app", "pay"));

  private static MeshSnapshot mesh(String... documents) {
    ReadResult result = ResourceReader.read("mesh.yaml", String.join("\n---\n", documents));
    assertThat(result.problems()).filteredOn(Problem::isError).isEmpty();
    return MeshSnapshot.of(1, result.resources(), result.problems());
  }

  private static String peer(String namespace, String name, String created, String spec) {
    return """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: %s, namespace: %s, creationTimestamp: "2026-01-%sT00:00:00Z"}
        spec: {%s}
        """
        .formatted(name, namespace, created, spec);
  }

  private static String policy(String namespace, String name, String spec) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: %s}
        spec: {%s}
        """
        .formatted(name, namespace, spec);
  }

  private static String rule(String namespace, String name, String spec) {
    return """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: {name: %s, namespace: %s}
        spec: {%s}
        """
        .formatted(name, namespace, spec);
  }

  private static void assertMode(MeshSnapshot mesh, int port, Mode mode, Scope scope) {
    EffectivePeerAuthentication effective = mesh.effectivePeerAuthentication(PAY, port);
    assertThat(effective.mode()).isEqualTo(mode);
    assertThat(effective.scope()).isEqualTo(scope);
  }

  @Test
  void nothingSetIsPermissive() {
    assertMode(MeshSnapshot.EMPTY, 80, Mode.PERMISSIVE, Scope.DEFAULT);
  }

  @Test
  void theNarrowestScopeThatSetsAModeDecides() {
    String root = peer("istio-system", "root", "01", "mtls: {mode: STRICT}");
    String namespace = peer("pay", "ns", "01", "mtls: {mode: DISABLE}");
    String workload =
        peer("pay", "w", "01", "selector: {matchLabels: {app: pay}}, mtls: {mode: PERMISSIVE}");
    assertMode(mesh(root), 80, Mode.STRICT, Scope.MESH);
    assertMode(mesh(root, namespace), 80, Mode.DISABLE, Scope.NAMESPACE);
    assertMode(mesh(root, namespace, workload), 80, Mode.PERMISSIVE, Scope.WORKLOAD);
  }

  @Test
  void anUnsetModeInheritsAndItsOtherPortsDoToo() {
    MeshSnapshot mesh =
        mesh(
            peer("pay", "ns", "01", "mtls: {mode: STRICT}"),
            peer(
                "pay",
                "w",
                "01",
                "selector: {matchLabels: {app: pay}},"
                    + " portLevelMtls: {8080: {mode: DISABLE}, 9090: {mode: UNSET}}"));
    assertMode(mesh, 80, Mode.STRICT, Scope.NAMESPACE);
    assertMode(mesh, 8080, Mode.DISABLE, Scope.PORT);
    assertMode(mesh, 9090, Mode.STRICT, Scope.NAMESPACE);
  }

  @Test
  void theOldestOfAScopeDecidesAndTheOthersAreReported() {
    MeshSnapshot mesh =
        mesh(
            peer("pay", "a-younger", "02", "mtls: {mode: DISABLE}"),
            peer("pay", "z-older", "01", "mtls: {mode: STRICT}"));
    assertMode(mesh, 80, Mode.STRICT, Scope.NAMESPACE);
    assertThat(mesh.problems())
        .extracting(Problem::code)
        .containsExactly(ProblemCodes.PEER_AUTHENTICATION_IGNORED);
  }

  @Test
  void aSelectorInTheRootNamespaceIsIgnored() {
    MeshSnapshot mesh =
        mesh(
            peer(
                "istio-system",
                "w",
                "01",
                "selector: {matchLabels: {app: pay}}, mtls: {mode: DISABLE}"));
    assertMode(mesh, 80, Mode.PERMISSIVE, Scope.DEFAULT);
  }

  @Test
  void theRootNamespaceIsWhereMeshConfigSays() {
    MeshSnapshot mesh =
        mesh(
            "kind: MeshConfig\nrootNamespace: top",
            policy("top", "p", ""),
            policy("istio-system", "q", ""));
    assertThat(names(mesh.authorizationPoliciesFor(PAY))).containsExactly("p");
  }

  @Test
  void policiesAreThoseOfTheRootThenOfTheNamespaceThatSelectTheWorkload() {
    MeshSnapshot mesh =
        mesh(
            policy("pay", "own", ""),
            policy("pay", "selected", "selector: {matchLabels: {app: pay}}"),
            policy("pay", "other-app", "selector: {matchLabels: {app: web}}"),
            policy("web", "other-namespace", ""),
            policy("istio-system", "root", ""),
            policy("istio-system", "root-selected", "selector: {matchLabels: {app: pay}}"),
            policy("pay", "gateway", "targetRef: {kind: Service, name: pay}"));
    assertThat(names(mesh.authorizationPoliciesFor(PAY)))
        .containsExactly("root", "root-selected", "own", "selected");
    assertThat(names(mesh.authorizationPoliciesFor(new WorkloadView("istio-system", Map.of()))))
        .containsExactly("root");
  }

  @Test
  void aDestinationRuleIsTheClientsThenTheHostsThenTheRoots() {
    String host = "host: pay.pay.svc.cluster.local";
    MeshSnapshot mesh =
        mesh(
            rule("web", "clients", host),
            rule("pay", "hosts", "host: pay"),
            rule("istio-system", "roots", "host: '*.cluster.local'"));
    assertThat(chosen(mesh, "pay.pay.svc.cluster.local", "web")).isEqualTo("clients");
    assertThat(chosen(mesh, "pay.pay.svc.cluster.local", "dev")).isEqualTo("hosts");
    assertThat(chosen(mesh, "pay", "pay")).isEqualTo("hosts");
    assertThat(chosen(mesh, "web.web.svc.cluster.local", "dev")).isEqualTo("roots");
    assertThat(chosen(mesh, "elsewhere.example", "dev")).isEqualTo("none");
  }

  /** The rules of a ServiceEntry's namespace are its host's own; the first entry decides. */
  @Test
  void aHostOfSeveralServiceEntriesIsTheFirstOnes() {
    MeshSnapshot mesh =
        mesh(
            entry("ant", "all", "'*.b.example', only.example"),
            entry("bee", "one", "x.b.example, x.c.example"),
            entry("cat", "more", "'*.c.example', x.b.example"),
            rule("ant", "ants", "host: '*'"),
            rule("bee", "bees", "host: '*'"),
            rule("cat", "cats", "host: '*'"));
    assertThat(chosen(mesh, "x.b.example", "dev")).as("bee names it").isEqualTo("bees");
    assertThat(chosen(mesh, "only.example", "dev")).isEqualTo("ants");
    assertThat(chosen(mesh, "x.c.example", "dev")).isEqualTo("bees");
    assertThat(chosen(mesh, "y.c.example", "dev")).isEqualTo("cats");
    assertThat(chosen(mesh, "x.d.example", "dev")).isEqualTo("none");
  }

  private static final String MADE = "{creationTimestamp: '%d-01-01T00:00:00Z', name:";

  /** As under Istio: a new entry takes no host away. */
  @Test
  void aHostIsThatOfTheOldestEntry() {
    String old = entry("zoo", "old", "api.example").replace("{name:", MADE.formatted(2020));
    String young = entry("ant", "new", "api.example").replace("{name:", MADE.formatted(2024));
    MeshSnapshot mesh =
        mesh(young, old, rule("ant", "ants", "host: '*'"), rule("zoo", "zoos", "host: '*'"));
    assertThat(chosen(mesh, "api.example", "dev")).isEqualTo("zoos");
    assertThat(mesh.serviceEntriesByOwnership())
        .extracting(entry -> entry.meta().name())
        .containsExactly("old", "new");
  }

  private static String entry(String namespace, String name, String hosts) {
    return """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: %s, namespace: %s}
        spec: {hosts: [%s], resolution: NONE, ports: [{number: 80, name: http, protocol: HTTP}]}
        """
        .formatted(name, namespace, hosts);
  }

  @Test
  void theMostSpecificHostWinsAndPrivateRulesStayPrivate() {
    MeshSnapshot mesh =
        mesh(
            rule("web", "wide", "host: '*.example'"),
            rule("web", "narrow", "host: '*.a.example'"),
            rule("web", "exact", "host: b.a.example"),
            rule("pay", "private", "host: pay, exportTo: ['.']"));
    assertThat(chosen(mesh, "x.example", "web")).isEqualTo("wide");
    assertThat(chosen(mesh, "x.a.example", "web")).isEqualTo("narrow");
    assertThat(chosen(mesh, "b.a.example", "web")).isEqualTo("exact");
    assertThat(chosen(mesh, "pay.pay.svc.cluster.local", "web")).isEqualTo("none");
  }

  @Test
  void aPortLevelSettingReplacesTheGeneralOne() {
    MeshSnapshot mesh =
        mesh(
            rule(
                "pay",
                "ports",
                "host: pay, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, portLevelSettings:"
                    + " [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}"));
    DestinationRule rule = mesh.destinationRuleFor("pay", "pay").orElseThrow();
    assertThat(rule.trafficPolicyFor(80).orElseThrow().tls()).isEmpty();
    assertThat(rule.trafficPolicyFor(81).orElseThrow().tls()).isPresent();
  }

  @Test
  void aSubsetInheritsWhatItDoesNotSet() {
    String tls = "tls: {mode: SIMPLE}";
    MeshSnapshot mesh =
        mesh(
            rule(
                "pay",
                "subsets",
                "host: pay, trafficPolicy: {%s, loadBalancer: {simple: RANDOM}, portLevelSettings:"
                        .formatted(tls)
                    + " [{port: {number: 80}, tls: {mode: DISABLE}}]}, subsets: ["
                    + "{name: balanced, trafficPolicy: {loadBalancer: {simple: ROUND_ROBIN}}},"
                    + "{name: plain, trafficPolicy: {tls: {mode: DISABLE}}},"
                    + "{name: none},"
                    + "{name: port, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, portLevelSettings:"
                    + " [{port: {number: 81}, loadBalancer: {simple: RANDOM}}]}}]"));
    assertThat(subset(mesh, "balanced", 81)).isEqualTo("SIMPLE ROUND_ROBIN");
    assertThat(subset(mesh, "balanced", 80)).isEqualTo("DISABLE ROUND_ROBIN");
    assertThat(subset(mesh, "plain", 81)).isEqualTo("DISABLE RANDOM");
    assertThat(subset(mesh, "none", 81)).isEqualTo("SIMPLE RANDOM");
    assertThat(subset(mesh, "none", 80)).isEqualTo("DISABLE -");
    assertThat(subset(mesh, "port", 81)).isEqualTo("- RANDOM");
    assertThat(subset(mesh, "port", 80)).isEqualTo("ISTIO_MUTUAL -");
  }

  private static String subset(MeshSnapshot mesh, String name, int port) {
    DestinationRule rule = mesh.destinationRuleFor("pay", "pay").orElseThrow();
    DestinationRule.TrafficPolicy policy =
        rule.subsets().stream()
            .filter(subset -> subset.name().equals(name))
            .findFirst()
            .flatMap(subset -> rule.trafficPolicyFor(subset, port))
            .orElseThrow();
    return policy.tls().map(tls -> tls.mode().name()).orElse("-")
        + " "
        + policy.loadBalancer().map(Enum::name).orElse("-");
  }

  @Test
  void severalDestinationRulesForOneHostAreOne() {
    MeshSnapshot mesh =
        mesh(
            rule("pay", "a", "host: pay, subsets: [{name: v1, labels: {v: '1'}}]"),
            rule(
                "pay",
                "b",
                "host: pay.pay.svc.cluster.local, trafficPolicy: {tls: {mode: SIMPLE}},"
                    + " subsets: [{name: v1, labels: {v: '9'}}, {name: v2}]"),
            rule("pay", "c", "host: pay, trafficPolicy: {tls: {mode: DISABLE}}"),
            rule("pay", "d", "host: pay, exportTo: ['.'], subsets: [{name: v3}]"));
    DestinationRule rule =
        mesh.destinationRuleFor("pay.pay.svc.cluster.local", "web").orElseThrow();
    assertThat(rule.meta().name()).isEqualTo("a");
    assertThat(rule.subsets()).extracting(DestinationRule.Subset::name).containsExactly("v1", "v2");
    assertThat(rule.subsets().getFirst().labels()).containsEntry("v", "1");
    assertThat(rule.trafficPolicy().orElseThrow().tls().orElseThrow().mode())
        .isEqualTo(DestinationRule.TlsMode.SIMPLE);
  }

  @Test
  void ofTwoWithOneNameTheFirstIsUsedAndTheSecondReported() {
    MeshSnapshot mesh = mesh(policy("pay", "p", ""), policy("pay", "p", "rules: [{}]"));
    assertThat(mesh.all(AuthorizationPolicy.class))
        .singleElement()
        .satisfies(kept -> assertThat(kept.rules()).isEmpty());
    assertThat(mesh.problems())
        .singleElement()
        .satisfies(
            problem -> assertThat(problem.code()).isEqualTo(ProblemCodes.DUPLICATE_RESOURCE));
  }

  private static String chosen(MeshSnapshot mesh, String host, String client) {
    return mesh.destinationRuleFor(host, client).map(rule -> rule.meta().name()).orElse("none");
  }

  private static List<String> names(List<? extends Resource> resources) {
    return resources.stream().map(resource -> resource.meta().name()).toList();
  }
}
