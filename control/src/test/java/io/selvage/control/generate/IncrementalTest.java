package io.selvage.control.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.workload.ClusterView;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Resource;
import io.selvage.model.ResourceReader;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.encode.EncodedParts;
import io.selvage.xds.encode.ResourceEncoder;
import io.selvage.xds.resource.Listener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What is remembered never shows: after any edits the result is that of generating all anew. */
class IncrementalTest {
  private static final List<String> NAMESPACES = List.of("a", "b", "istio-system");
  private static final List<String> APPS = List.of("x", "y");

  private static final int WORKLOAD = 6;

  /** One edit: a resource written or deleted, a workload started or stopped. */
  record Edit(int kind, String namespace, String app, int variant, boolean delete) {}

  @Provide
  Arbitrary<List<Edit>> edits() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 11),
            Arbitraries.of(NAMESPACES),
            Arbitraries.of(APPS),
            Arbitraries.integers().between(0, 3),
            Arbitraries.frequency(
                net.jqwik.api.Tuple.of(3, false), net.jqwik.api.Tuple.of(1, true)))
        .as(Edit::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(25);
  }

  @Property(tries = 150)
  void anIncrementalResultIsTheFullOne(@ForAll("edits") List<Edit> edits) {
    ResourceGenerator incremental = new ResourceGenerator(new IstioPolicies());
    Map<String, List<Resource>> resources = new TreeMap<>();
    Map<String, WorkloadInstance> workloads = new TreeMap<>();
    MeshState last = state(resources, workloads);
    EncodedParts parts = new EncodedParts();
    for (Edit edit : edits) {
      apply(edit, resources, workloads);
      MeshState state = state(resources, workloads);
      last = after(last, state);
      ResourceGenerator.Round remembered = incremental.round(last);
      ResourceGenerator.Round anew = new ResourceGenerator(new IstioPolicies()).round(state);
      for (String namespace : NAMESPACES) {
        for (String app : APPS) {
          ProxyNode node = sometimesApart(workload(namespace, app, app.equals("x") ? 0 : 1));
          var told = remembered.resources(node);
          assertThat(told).isEqualTo(anew.resources(node));
          for (Listener listener : told.inbound().listeners()) {
            assertThat(ResourceEncoder.encode(listener, parts))
                .isEqualTo(ResourceEncoder.encode(listener));
          }
        }
      }
    }
  }

  @Test
  void aPolicyChangeGeneratesAnewOnlyForTheWorkloadsThatItSelects() {
    ResourceGenerator generator = new ResourceGenerator(new IstioPolicies());
    Map<String, List<Resource>> resources = new TreeMap<>();
    Map<String, WorkloadInstance> workloads = new TreeMap<>();
    everyServiceAndWorkload(resources, workloads);
    List<ProxyResources> before = all(generator.round(state(resources, workloads)));

    apply(new Edit(1, "a", "x", 1, false), resources, workloads);
    ResourceGenerator.Round round = generator.round(state(resources, workloads));
    List<ProxyResources> after = all(round);

    assertThat(round.generated()).as("its policies and its listener").isEqualTo(2);
    assertThat(after.getFirst().inbound()).isNotEqualTo(before.getFirst().inbound());
    for (int i = 1; i < after.size(); i++) {
      assertThat(after.get(i).inbound()).isSameAs(before.get(i).inbound());
    }
    for (int i = 0; i < after.size(); i++) {
      assertThat(after.get(i).outbound()).isSameAs(before.get(i).outbound());
      assertThat(after.get(i).endpoints()).isSameAs(before.get(i).endpoints());
    }
  }

  @Test
  void aSidecarMakesAnotherOutboundSideOnlyForTheWorkloadsThatItSelects() {
    ResourceGenerator generator = new ResourceGenerator(new IstioPolicies());
    Map<String, List<Resource>> resources = new TreeMap<>();
    Map<String, WorkloadInstance> workloads = new TreeMap<>();
    everyServiceAndWorkload(resources, workloads);
    List<ProxyResources> before = all(generator.round(state(resources, workloads)));

    apply(new Edit(9, "a", "x", 0, false), resources, workloads);
    List<ProxyResources> after = all(generator.round(state(resources, workloads)));

    assertThat(after.getFirst().endpoints())
        .extracting(assignment -> assignment.name())
        .containsExactly(
            "outbound|8000||x.a.svc.cluster.local", "outbound|8000||y.a.svc.cluster.local");
    assertThat(before.getFirst().endpoints()).hasSize(6);
    for (int i = 0; i < after.size(); i++) {
      assertThat(after.get(i).inbound()).isSameAs(before.get(i).inbound());
      if (i > 0) {
        assertThat(after.get(i).outbound()).isSameAs(before.get(i).outbound());
        assertThat(after.get(i).endpoints()).isSameAs(before.get(i).endpoints());
      }
    }
  }

  @Test
  void namespacesThatImportTheSameShareOneObject() {
    Map<String, List<Resource>> resources = new TreeMap<>();
    Map<String, WorkloadInstance> workloads = new TreeMap<>();
    apply(new Edit(0, "istio-system", "x", 0, false), resources, workloads);
    apply(new Edit(8, "istio-system", "x", 0, false), resources, workloads);
    apply(new Edit(9, "a", "x", 2, false), resources, workloads);
    apply(new Edit(9, "b", "x", 2, false), resources, workloads);
    ResourceGenerator.Round round =
        new ResourceGenerator(new IstioPolicies()).round(state(resources, workloads));
    ProxyResources a = round.resources(node(workload("a", "x", 0)));
    ProxyResources b = round.resources(node(workload("b", "y", 0)));
    assertThat(a.endpoints()).hasSize(1).isSameAs(b.endpoints());
    assertThat(a.outbound().clusters()).isSameAs(b.outbound().clusters());
    assertThat(a.outbound().listeners()).isSameAs(b.outbound().listeners());
    assertThat(a.outbound().routes()).isSameAs(b.outbound().routes());
  }

  private static void everyServiceAndWorkload(
      Map<String, List<Resource>> resources, Map<String, WorkloadInstance> workloads) {
    for (String namespace : NAMESPACES) {
      for (String app : APPS) {
        apply(new Edit(0, namespace, app, 0, false), resources, workloads);
        apply(new Edit(6, namespace, app, 0, false), resources, workloads);
      }
    }
  }

  private static List<ProxyResources> all(ResourceGenerator.Round round) {
    List<ProxyResources> all = new ArrayList<>();
    for (String namespace : NAMESPACES) {
      APPS.forEach(app -> all.add(round.resources(node(workload(namespace, app, 0)))));
    }
    return all;
  }

  private static MeshState state(
      Map<String, List<Resource>> resources, Map<String, WorkloadInstance> workloads) {
    List<Resource> all = resources.values().stream().flatMap(List::stream).toList();
    return MeshState.of(
        MeshSnapshot.of(1, all, List.of()),
        workloads.values().stream().sorted().toList(),
        rule -> "{\"keys\":[]}",
        TrustBundle.empty());
  }

  /** What a control plane makes of the same inputs, which has an earlier state. */
  private static MeshState after(MeshState last, MeshState state) {
    return MeshState.after(
        last,
        state.snapshot(),
        state.services().workloads(),
        ClusterView.All.ONE,
        state.keys(),
        state.roots(),
        state.federated());
  }

  private static void apply(
      Edit edit, Map<String, List<Resource>> resources, Map<String, WorkloadInstance> workloads) {
    if (edit.kind() == WORKLOAD) {
      WorkloadInstance instance = workload(edit.namespace(), edit.app(), edit.variant());
      if (edit.delete()) {
        workloads.remove(instance.key());
      } else {
        workloads.put(instance.key(), instance);
      }
      return;
    }
    String file = edit.kind() + edit.namespace() + edit.app();
    if (edit.delete()) {
      resources.remove(file);
    } else {
      var read = ResourceReader.read(file, yaml(edit));
      assertThat(read.hasErrors()).as(read.problems().toString()).isFalse();
      resources.put(file, read.resources());
    }
  }

  private static String yaml(Edit edit) {
    String head = "metadata: {name: %s, namespace: %s}\n".formatted(edit.app(), edit.namespace());
    String selector = "selector: {matchLabels: {app: " + edit.app() + "}}";
    List<String> modes = List.of("STRICT", "PERMISSIVE", "DISABLE", "UNSET");
    String mode = modes.get(edit.variant());
    return switch (edit.kind()) {
      case 0 ->
          "apiVersion: v1\nkind: Service\n"
              + head
              + "spec: {selector: {app: %s}, ports: [{name: %s, port: 80%d0, targetPort: 80}]}\n"
                  .formatted(
                      edit.app(),
                      List.of("http", "tcp", "odd", "grpc").get(edit.variant()),
                      edit.variant() % 2);
      case 1 ->
          "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\n"
              + head
              + "spec: {%s, action: %s, rules: [{to: [{operation: {paths: [/%d]}}]}]}\n"
                  .formatted(selector, edit.variant() % 2 == 0 ? "ALLOW" : "DENY", edit.variant());
      case 2 ->
          "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\n"
              + head
              + "spec: {%s mtls: {mode: %s}}\n"
                  .formatted(edit.namespace().equals("istio-system") ? "" : selector + ",", mode);
      case 3 ->
          "apiVersion: networking.istio.io/v1\nkind: DestinationRule\n"
              + head
              + "spec: {host: %s, trafficPolicy: {tls: {mode: %s}}%s}\n"
                  .formatted(
                      edit.app(),
                      edit.variant() % 2 == 0 ? "DISABLE" : "ISTIO_MUTUAL",
                      edit.variant() == 3
                          ? ", workloadSelector: {matchLabels: {app: " + edit.app() + "}}"
                          : "");
      case 4 ->
          "apiVersion: security.istio.io/v1\nkind: RequestAuthentication\n"
              + head
              + "spec: {%s, jwtRules: [{issuer: i%d, jwksUri: \"https://e.example.com/\"}]}\n"
                  .formatted(selector, edit.variant());
      case 7 ->
          "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\naddressType: IPv4\n"
              + head.replace("}", ", labels: {kubernetes.io/service-name: " + edit.app() + "}}")
              + "ports: [{name: %s, port: 80}]\n"
                  .formatted(List.of("http", "tcp", "odd", "grpc").get(edit.variant()))
              + "endpoints: [{addresses: [10.0.0.%d], conditions: {ready: %b}, targetRef: {kind: Pod, name: %s, namespace: %s}}]\n"
                  .formatted(
                      edit.variant() / 2, edit.variant() % 2 == 0, edit.app(), edit.namespace());
      case 8 ->
          "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\n"
              + head
              + "spec: {hosts: [%s.example], ports: [{number: 80, name: http, protocol: %s}], resolution: STATIC, workloadSelector: {labels: {app: %s}}}\n"
                  .formatted(edit.app(), edit.variant() < 2 ? "HTTP" : "TCP", edit.app());
      case 10 ->
          "apiVersion: v1\nkind: Service\n"
              + head
              + List.of(
                      "spec: {type: ExternalName, externalName: y.a.svc.cluster.local}\n",
                      "spec: {type: ExternalName, externalName: x.example}\n",
                      "spec: {trafficDistribution: %s, selector: {app: %s}, ports: [{name: http, port: 80}]}\n"
                          .formatted(
                              edit.app().equals("x") ? "PreferClose" : "PreferSameNode",
                              edit.app()),
                      "spec: {internalTrafficPolicy: Local, clusterIP: None, selector: {app: %s}, ports: [{name: http, port: 80}]}\n"
                          .formatted(edit.app()))
                  .get(edit.variant());
      case 11 ->
          "apiVersion: v1\nkind: Namespace\n"
              + "metadata: {name: %s, annotations: {networking.istio.io/traffic-distribution: %s}}\n"
                  .formatted(
                      edit.namespace(),
                      List.of("PreferClose", "PreferSameZone", "PreferSameNode", "\"\"")
                          .get(edit.variant()));
      case 9 ->
          "apiVersion: networking.istio.io/v1\nkind: Sidecar\n"
              + head
              + "spec: {%s egress: [{%shosts: ['%s']}], outboundTrafficPolicy: {mode: %s}}\n"
                  .formatted(
                      edit.variant() == 0
                          ? "workloadSelector: {labels: {app: " + edit.app() + "}},"
                          : "",
                      edit.variant() == 3 ? "port: {number: 8000, protocol: HTTP}, " : "",
                      List.of("./*", "a/*", "*/x.example", "*/*").get(edit.variant()),
                      edit.variant() < 2 ? "ALLOW_ANY" : "REGISTRY_ONLY");
      default ->
          "kind: MeshConfig\ntrustDomain: td%d\noutboundTrafficPolicy: {mode: %s}\n"
              .formatted(edit.variant() % 2, edit.variant() < 2 ? "ALLOW_ANY" : "REGISTRY_ONLY");
    };
  }

  private static WorkloadInstance workload(String namespace, String app, int variant) {
    return new WorkloadInstance(
        app,
        namespace,
        app,
        Map.of("app", app),
        "10.0.0." + variant,
        Map.of(),
        Map.of(),
        "east",
        "",
        "r/z" + variant % 2,
        "n" + variant,
        1,
        variant % 2 == 0);
  }

  private static ProxyNode node(WorkloadInstance workload) {
    return new ProxyNode(
        workload.key(), workload, ProxyNode.Interception.REDIRECT, OptionalInt.of(15002));
  }

  /** Every second one takes its policies apart from its listeners. */
  private static ProxyNode sometimesApart(WorkloadInstance workload) {
    return new ProxyNode(
        workload.key(),
        ProxyNode.Kind.SIDECAR,
        workload,
        ProxyNode.Interception.REDIRECT,
        OptionalInt.of(15002),
        workload.key().hashCode() % 2 == 0);
  }
}
