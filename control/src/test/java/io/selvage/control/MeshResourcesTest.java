package io.selvage.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.re2j.Pattern;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.selvage.control.generate.IstioPolicies;
import io.selvage.control.generate.MeshState;
import io.selvage.control.generate.PolicyTranslation;
import io.selvage.control.trust.FreshRoot;
import io.selvage.control.workload.ClusterView;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ResourceReader;
import io.selvage.pki.TrustBundle;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.Matcher;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.StringMatch;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.XdsType;
import io.selvage.xds.parse.ParseResult;
import io.selvage.xds.parse.ResourceParser;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.NodeId;
import io.selvage.xds.server.NodeIdentity;
import io.selvage.xds.server.NodeSnapshot;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What sidecars were told is made again and compared; whom that says nothing of is let be. */
final class MeshResourcesTest {
  private static final PolicyTranslation ISTIO = new IstioPolicies();
  private static final String NO_POSTS =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: no-posts, namespace: istio-system}
      spec:
        action: DENY
        rules: [{to: [{operation: {methods: [POST]}}]}]
      """;
  private static final MeshSnapshot POLICY = read(NO_POSTS);
  private static final MeshSnapshot STRICT =
      read(
          """
          apiVersion: security.istio.io/v1
          kind: PeerAuthentication
          metadata: {name: default, namespace: istio-system}
          spec: {mtls: {mode: STRICT}}
          """);
  private static final long FOREVER = Long.MAX_VALUE;

  private final List<WorkloadInstance> workloads = List.of(workload("a"), workload("b"));

  @Test
  void eachSidecarIsLookedAtOnceInAPass() {
    MeshResources resources = new MeshResources(ISTIO, state(Map.of()), workloads);
    assertThat(shown(resources.check(1, FOREVER)))
        .as("nobody has come")
        .isEqualTo("0 looked at, all");
    resources.snapshot(identity("a"));
    resources.snapshot(identity("b"));

    assertThat(shown(resources.check(1, 0))).isEqualTo("1 looked at");
    assertThat(shown(resources.check(1, 0))).isEqualTo("1 looked at, all");
    assertThat(shown(resources.check(1, FOREVER))).isEqualTo("0 looked at, all");
    assertThat(shown(resources.check(2, FOREVER))).isEqualTo("2 looked at, all");
  }

  @Test
  void whoWasNotToldThisStateInFullIsNotCompared() {
    MeshResources broken =
        new MeshResources(
            (policies, mesh, http) -> {
              throw new IllegalStateException("cannot");
            },
            state(Map.of()),
            workloads);
    broken.snapshot(identity("a"));
    MeshResources unsaid =
        new MeshResources((policies, mesh, http) -> unsayable(), state(Map.of()), workloads);
    unsaid.snapshot(identity("a"));

    assertThat(shown(broken.check(1, FOREVER))).isEqualTo("0 looked at, all");
    assertThat(shown(unsaid.check(1, FOREVER))).isEqualTo("0 looked at, all");
    assertThat(unsaid.problems()).extracting(Problem::code).contains(MeshResources.NOT_ENCODED);
  }

  /** What somebody may write who has nothing but a namespace. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: heavy, namespace: tenant}
        spec:
          hosts: [heavy.example]
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 192.0.2.9, weight: 2147483647}, {address: 192.0.2.8, weight: 2147483647}]
        """,
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: nowhere, namespace: tenant}
        spec:
          hosts: [nowhere.example]
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: "unix:///tmp/x"}, {network: nobody}]
        """,
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: named, namespace: tenant}
        spec:
          hosts: [named.example]
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          workloadSelector: {labels: {app: named}}
        ---
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: named, namespace: tenant}
        spec: {address: a.name.example, labels: {app: named}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: headless, namespace: tenant}
        spec: {clusterIP: None, selector: {app: named}, ports: [{name: tcp, port: 81}]}
        """,
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: account, namespace: tenant}
        spec:
          hosts: [account.example]
          resolution: STATIC
          ports: [{number: 80, name: http, protocol: HTTP}]
          endpoints: [{address: 192.0.2.9, serviceAccount: a/b}]
        """
      })
  void nothingThatATenantWritesKeepsAPolicyFromOthers(String tenants) {
    String gateways =
        IntStream.of(11, 13, 17, 19, 23, 29, 31)
            .mapToObj(MeshResourcesTest::gateway)
            .collect(Collectors.joining());
    MeshResources resources = new MeshResources(ISTIO, state(Map.of()), workloads);
    NodeIdentity apart = identity("a", EnvoyNames.DISCOVERS_AUTHORIZATION);
    NodeSnapshot before = resources.snapshot(apart);

    resources.update(state(Map.of(), read(tenants + gateways + "---\n" + NO_POSTS)), workloads);
    NodeSnapshot after = resources.snapshot(apart);

    assertThat(changed(before, after, XdsType.EXTENSION)).contains("authorization/http/deny");
    assertThat(resources.problems()).isEmpty();
    assertThat(addresses(after)).allSatisfy(address -> InetAddress.ofLiteral(address));
  }

  private static List<String> addresses(NodeSnapshot told) {
    List<Any> assignments =
        told.of(XdsType.ENDPOINTS).all().stream().map(EncodedResource::any).toList();
    ParseResult parsed = ResourceParser.parse(XdsType.ENDPOINTS, assignments);
    assertThat(parsed.problems()).isEmpty();
    return parsed.good().values().stream()
        .map(ClusterLoadAssignment.class::cast)
        .flatMap(assignment -> assignment.localities().stream())
        .flatMap(locality -> locality.endpoints().stream())
        .map(ClusterLoadAssignment.Endpoint::address)
        .toList();
  }

  private static String gateway(int addresses) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: g%d, namespace: tenant, labels: {topology.istio.io/network: n%d}}
    spec: {clusterIP: 10.96.1.%d, externalIPs: [%s], ports: [{name: tls, port: 15443}]}
    """
        .formatted(
            addresses,
            addresses,
            addresses,
            IntStream.range(0, addresses)
                .mapToObj(i -> "198.51.100." + i)
                .collect(Collectors.joining(", ")));
  }

  @Test
  void aPolicyThatAProxyTakesApartFromItsListenersLeavesTheseAlone() {
    MeshResources resources = new MeshResources(ISTIO, state(Map.of()), workloads);
    NodeIdentity apart = identity("a", EnvoyNames.DISCOVERS_AUTHORIZATION);
    NodeIdentity held = identity("b");
    NodeSnapshot before = resources.snapshot(apart);
    NodeSnapshot heldBefore = resources.snapshot(held);

    resources.update(state(Map.of(), POLICY), workloads);
    NodeSnapshot after = resources.snapshot(apart);

    assertThat(after.of(XdsType.LISTENER)).isSameAs(before.of(XdsType.LISTENER));
    assertThat(changed(before, after, XdsType.EXTENSION))
        .containsExactly("authorization/http/deny", "authorization/tcp/deny");
    assertThat(changed(heldBefore, resources.snapshot(held), XdsType.LISTENER))
        .containsExactly("virtualInbound");
    assertThat(shown(resources.check(1, FOREVER))).isEqualTo("2 looked at, all");
  }

  @Test
  void oneNodeHasItsListenersInTheFormThatItsStreamCanRead() {
    MeshResources resources = new MeshResources(ISTIO, state(Map.of(), POLICY), workloads);

    NodeSnapshot apart = resources.snapshot(identity("a", EnvoyNames.DISCOVERS_AUTHORIZATION));
    NodeSnapshot held = resources.snapshot(identity("a"));

    assertThat(apart.of(XdsType.EXTENSION).size()).isEqualTo(8);
    assertThat(held.of(XdsType.EXTENSION).size()).isZero();
    assertThat(held.of(XdsType.LISTENER)).isNotEqualTo(apart.of(XdsType.LISTENER));
  }

  @Test
  void theMarkOfAListenerGoesWithIt() {
    MeshResources resources = new MeshResources(ISTIO, state(Map.of()), workloads);
    NodeIdentity apart = identity("a", EnvoyNames.DISCOVERS_AUTHORIZATION);
    List<String> before = marks(resources.snapshot(apart));

    resources.update(state(Map.of(), POLICY), workloads);
    List<String> withPolicy = marks(resources.snapshot(apart));
    resources.update(state(Map.of(), STRICT), workloads);
    List<String> strict = marks(resources.snapshot(apart));

    assertThat(withPolicy).isEqualTo(before);
    assertThat(strict).hasSize(2).doesNotContainAnyElementsOf(before);
  }

  private static List<String> marks(NodeSnapshot of) {
    return of.of(XdsType.EXTENSION).all().stream()
        .map(EncodedResource::name)
        .filter(name -> name.contains("/of/"))
        .toList();
  }

  @Test
  void policiesThatCannotBeTranslatedDenyOrStayForAProxyThatTakesThemApart() {
    AtomicInteger broken = new AtomicInteger(1);
    PolicyTranslation breaking =
        (policies, mesh, http) -> {
          if (broken.get() > 0) {
            throw new IllegalStateException("cannot");
          }
          return ISTIO.translate(policies, mesh, http);
        };
    MeshResources resources = new MeshResources(breaking, state(Map.of()), workloads);
    NodeIdentity apart = identity("a", EnvoyNames.DISCOVERS_AUTHORIZATION);
    NodeSnapshot denying = resources.snapshot(apart);

    broken.set(0);
    resources.update(state(Map.of(), POLICY), workloads);
    NodeSnapshot good = resources.snapshot(apart);
    broken.set(1);
    resources.update(state(Map.of(), STRICT), workloads);
    NodeSnapshot kept = resources.snapshot(apart);

    assertThat(changed(denying, good, XdsType.EXTENSION))
        .as("all was denied at first")
        .contains("authorization/http/allow", "authorization/tcp/allow");
    assertThat(kept.of(XdsType.EXTENSION)).isEqualTo(good.of(XdsType.EXTENSION));
    assertThat(kept.of(XdsType.LISTENER)).isEqualTo(good.of(XdsType.LISTENER));
    assertThat(resources.problems())
        .extracting(Problem::code)
        .containsExactly(MeshResources.NOT_TRANSLATED);
  }

  @Test
  void whatCannotBeSaidLeavesAProxyThatTakesItsPoliciesApartAsItIs() {
    MeshResources resources =
        new MeshResources(
            (policies, mesh, http) ->
                policies.isEmpty() ? ISTIO.translate(policies, mesh, http) : unsayable(),
            state(Map.of()),
            workloads);
    NodeIdentity apart = identity("a", EnvoyNames.DISCOVERS_AUTHORIZATION);
    NodeSnapshot before = resources.snapshot(apart);

    resources.update(state(Map.of(), POLICY), workloads);

    assertThat(resources.snapshot(apart)).isSameAs(before);
    assertThat(resources.problems())
        .extracting(Problem::code)
        .containsExactly(MeshResources.NOT_ENCODED);
    assertThat(shown(resources.check(1, FOREVER))).isEqualTo("0 looked at, all");
  }

  @Test
  void aServiceThatGoesByNodesComesBesideTheEndpointsThatAllShare() {
    String plain = service("plain", "");
    String local = service("local", "internalTrafficPolicy: Local, ");
    List<WorkloadInstance> nodes = List.of(on("a", "n1"), on("b", "n2"));
    MeshState without = onNodes(plain, nodes);
    MeshState with = onNodes(plain + local, nodes);
    MeshResources resources = new MeshResources(ISTIO, without, nodes);
    NodeSnapshot before = resources.snapshot(identity("a"));

    resources.update(with, nodes);
    NodeSnapshot after = resources.snapshot(identity("a"));
    NodeSnapshot other = resources.snapshot(identity("b"));
    resources.update(without, nodes);

    assertThat(changed(before, after, XdsType.ENDPOINTS))
        .containsExactly("outbound|80||local.sample.svc.cluster.local");
    assertThat(changed(after, other, XdsType.ENDPOINTS))
        .containsExactly("outbound|80||local.sample.svc.cluster.local");
    assertThat(after.of(XdsType.ENDPOINTS).size()).isEqualTo(2);
    assertThat(resources.snapshot(identity("a")).of(XdsType.ENDPOINTS))
        .isEqualTo(before.of(XdsType.ENDPOINTS));
  }

  private static String service(String name, String more) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: sample}
    spec: {%sselector: {app: web}, ports: [{name: http, port: 80}]}
    ---
    """
        .formatted(name, more);
  }

  private static MeshState onNodes(String yaml, List<WorkloadInstance> nodes) {
    return MeshState.of(
        read(yaml), nodes, ClusterView.All.ONE, _ -> "{}", FreshRoot.bundle(), Map.of());
  }

  private static WorkloadInstance on(String name, String node) {
    return new WorkloadInstance(
        name,
        "sample",
        name,
        Map.of("app", "web"),
        "10.0.0." + (name.equals("a") ? 2 : 3),
        Map.of(),
        Map.of(),
        "",
        "",
        "",
        node,
        1,
        true);
  }

  private static MeshSnapshot read(String yaml) {
    return MeshSnapshot.of(1, ResourceReader.read("mesh.yaml", yaml).resources(), List.of());
  }

  private static List<String> changed(NodeSnapshot before, NodeSnapshot after, XdsType type) {
    return after.of(type).all().stream()
        .filter(
            resource ->
                !before
                    .of(type)
                    .get(resource.name())
                    .map(EncodedResource::version)
                    .equals(Optional.of(resource.version())))
        .map(EncodedResource::name)
        .toList();
  }

  @Test
  void somethingThatIsNeverTheSameIsToldAnewMoreAndMoreSeldom() {
    AtomicInteger asked = new AtomicInteger();
    PolicyTranslation fickle =
        (policies, mesh, http) ->
            new PolicyTranslation.Translation(
                asked.getAndIncrement() % 4 < 2 ? Authorization.NONE : denyAll(),
                Map.of(),
                List.of());
    MeshResources resources = new MeshResources(fickle, state(Map.of()), workloads);
    resources.snapshot(identity("a"));
    AtomicInteger pushes = new AtomicInteger();
    IdleCheck check =
        new IdleCheck(
            resources,
            (task, millis) -> task.run(),
            () -> {
              pushes.incrementAndGet();
              resources.snapshot(identity("a"));
            });

    for (int second = 0; second < 200; second++) {
      check.second();
    }

    assertThat(pushes).as("at once, after 60 s and after 120 s more").hasValue(3);
    assertThat(resources.problems())
        .extracting(Problem::code)
        .containsExactly(MeshResources.REMEMBERED_WRONGLY);
  }

  private static String shown(MeshResources.Checked checked) {
    return checked.looked()
        + " looked at"
        + (checked.all() ? ", all" : "")
        + (checked.wrong() ? ", one told something else" : "");
  }

  /** What Envoy has no form for. */
  private static PolicyTranslation.Translation unsayable() {
    Matcher flagged =
        new Matcher.PeerPrincipal(
            new StringMatch.Regex(Pattern.compile("a", Pattern.CASE_INSENSITIVE)));
    RbacPolicy.RuleSet rules =
        new RbacPolicy.RuleSet(
            RbacPolicy.Action.DENY,
            List.of(new RbacPolicy("flagged", List.of(new Matcher.Always()), List.of(flagged))));
    return new PolicyTranslation.Translation(
        new Authorization(List.of(new Stage.Rbac(Optional.of(rules), Optional.empty()))),
        Map.of(),
        List.of());
  }

  private static Authorization denyAll() {
    return new Authorization(
        List.of(
            new Stage.Rbac(
                Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                Optional.empty())));
  }

  private MeshState state(Map<String, TrustBundle> federated) {
    return state(federated, MeshSnapshot.EMPTY);
  }

  private MeshState state(Map<String, TrustBundle> federated, MeshSnapshot snapshot) {
    return MeshState.of(
        snapshot, workloads, ClusterView.All.ONE, _ -> "{}", FreshRoot.bundle(), federated);
  }

  private static NodeIdentity identity(String name, String... features) {
    return new NodeIdentity(
        NodeId.of(
            Node.newBuilder()
                .setId("sidecar~10.0.0.2~" + name + ".sample~sample.svc.cluster.local")
                .addAllClientFeatures(List.of(features))
                .build()),
        Optional.empty());
  }

  private static WorkloadInstance workload(String name) {
    return new WorkloadInstance(
        name, "sample", name, Map.of(), "10.0.0.2", Map.of(), Map.of(), "", "", 1, true);
  }
}
