package io.selvage.prove.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.selvage.model.PortProtocol;
import io.selvage.prove.Enforcer;
import io.selvage.prove.Port;
import io.selvage.prove.ProvedWorkload;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InventoryTest {
  private static final String DEPLOYMENT =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, namespace: shop}
      spec:
        template:
          metadata: {labels: {app: web}}
          spec:
            serviceAccountName: front
            containers: [{name: app, ports: [{name: api, containerPort: 9090}]}]
      """;

  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: shop, namespace: shop}
      spec:
        selector: {app: web}
        ports:
        - {name: http, port: 80, targetPort: api}
        - {name: odd, port: 81, targetPort: 8081}
        - {name: dns, port: 53, protocol: UDP}
      """;

  /** A Pod of the Deployment, as a cluster makes it. */
  private static String pod(String name, String address, String more) {
    return """
        apiVersion: v1
        kind: Pod
        metadata:
          name: web-5d-%1$s
          namespace: shop
          labels: {app: web, pod-template-hash: 5d, security.istio.io/tlsMode: istio%3$s}
          ownerReferences: [{kind: ReplicaSet, name: web-5d}]
        spec: {serviceAccountName: front, containers: [{name: app}, {name: istio-proxy}]}
        status: {phase: Running, podIP: %2$s}
        """
        .formatted(name, address, more);
  }

  private static List<ProvedWorkload> of(String... documents) {
    MeshInput input =
        new MeshText().read(List.of(new SourceText("a.yaml", String.join("---\n", documents))));
    assertThat(input.problems()).isEmpty();
    return Inventory.of("", input.snapshot(), input.templates());
  }

  @Test
  void aTemplateIsAWorkloadWithThePortsThatServicesDeclare() {
    assertThat(of(DEPLOYMENT, SERVICE))
        .singleElement()
        .satisfies(
            web -> {
              assertThat(web.qualifiedName()).isEqualTo("shop/web");
              assertThat(web.principal()).contains("spiffe://cluster.local/ns/shop/sa/front");
              assertThat(web.enforced()).isTrue();
              assertThat(web.ports())
                  .extracting(Port::number, Port::protocol, Port::servicePort)
                  .containsExactly(
                      tuple(8081, PortProtocol.UNSPECIFIED, 81),
                      tuple(9090, PortProtocol.HTTP, 80));
            });
  }

  @Test
  void replicasAreOneWorkloadWithTheAddressesOfAll() {
    assertThat(of(DEPLOYMENT, SERVICE, pod("a", "10.0.0.1", ""), pod("b", "10.0.0.2", "")))
        .singleElement()
        .satisfies(web -> assertThat(web.addresses()).hasSize(2));
    assertThat(of(pod("a", "10.0.0.1", ""), pod("b", "10.0.0.2", "")))
        .singleElement()
        .satisfies(web -> assertThat(web.name()).isEqualTo("web"));
  }

  @Test
  void podsOfAnOlderTemplateAreAWorkloadOfTheirOwn() {
    String deployment = DEPLOYMENT.replace("{app: web}", "{app: web, version: v1}");
    assertThat(
            of(
                deployment,
                pod("a", "10.0.0.1", ", version: v0"),
                pod("b", "10.0.0.2", ", version: v0"),
                pod("c", "10.0.0.3", ", version: v1")))
        .extracting(ProvedWorkload::name, workload -> workload.addresses().size())
        .containsExactly(tuple("web", 1), tuple("web.pod", 2));
    assertThat(of(deployment, pod("a", "10.0.0.1", ", version: v0")))
        .as("the next are made of the new one")
        .extracting(ProvedWorkload::name)
        .containsExactly("web", "web.pod");
  }

  @Test
  void podsThatWereAllChangedOnTheirWayCountInsteadOfTheirTemplate() {
    assertThat(
            of(
                DEPLOYMENT,
                pod("a", "10.0.0.1", ", team: shop"),
                pod("b", "10.0.0.2", ", team: shop")))
        .singleElement()
        .satisfies(
            web -> {
              assertThat(web.name()).isEqualTo("web");
              assertThat(web.labels()).containsEntry("team", "shop");
              assertThat(web.addresses()).hasSize(2);
            });
  }

  private static String replicaSet(String hash, String labels, String replicas) {
    return """
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata:
          name: web-%1$s
          namespace: shop
          ownerReferences: [{kind: Deployment, name: web}]
        spec:
          %3$s
          template:
            metadata: {labels: {pod-template-hash: %1$s, %2$s}}
            spec: {serviceAccountName: front, containers: [{name: app}]}
        """
        .formatted(hash, labels, replicas);
  }

  @Test
  void whatWasRolledOutBeforeIsNoWorkload() {
    String before = replicaSet("4c", "app: web, version: v0", "replicas: 0");
    assertThat(of(DEPLOYMENT, before)).extracting(ProvedWorkload::name).containsExactly("web");
    assertThat(of(DEPLOYMENT, before + "status: {replicas: 1}\n")).hasSize(2);
    assertThat(of(DEPLOYMENT, before.replace("replicas: 0", "replicas: 2"))).hasSize(2);
    assertThat(of(DEPLOYMENT, before.replaceAll("\\s*ownerReferences.*", "")))
        .as("nobody went on to another")
        .hasSize(2);
  }

  @Test
  void podsOfAnOlderReplicaSetAreItsReplicas() {
    String older = replicaSet("5d", "app: web, version: v0", "replicas: 1");
    assertThat(
            of(
                pod("a", "10.0.0.1", ", version: v0"),
                older,
                DEPLOYMENT.replace("{app: web}", "{app: web, version: v1}")))
        .extracting(ProvedWorkload::name, workload -> workload.addresses().size())
        .containsExactly(tuple("web", 0), tuple("web.replicaset", 1));
  }

  @Test
  void replicasOfAnArgoRolloutAreOneWorkload() {
    String set =
        replicaSet("5d", "app: web", "replicas: 1")
            .replace("kind: Deployment", "kind: Rollout")
            .replace("pod-template-hash", "rollouts-pod-template-hash");
    String pod =
        pod("a", "10.0.0.1", "").replace("pod-template-hash", "rollouts-pod-template-hash");
    assertThat(of(set, pod))
        .extracting(ProvedWorkload::name, workload -> workload.addresses().size())
        .containsExactly(tuple("web", 1));
    assertThat(of(pod)).extracting(ProvedWorkload::name).containsExactly("web");
    String next = set.replace("5d", "6e");
    assertThat(of(set, next)).extracting(ProvedWorkload::name).containsExactly("web");
  }

  @Test
  void aPodWithoutProxyEnforcesNothing() {
    String bare =
        pod("a", "10.0.0.1", "")
            .replace(", security.istio.io/tlsMode: istio", "")
            .replace(", {name: istio-proxy}", "");
    assertThat(of(DEPLOYMENT, bare, bare.replace("5d-a", "5d-b").replace("0.0.1", "0.0.2")))
        .extracting(
            ProvedWorkload::name, ProvedWorkload::enforced, workload -> workload.addresses().size())
        .containsExactly(tuple("web", false, 2));
    assertThat(of(DEPLOYMENT, bare, pod("c", "10.0.0.3", "")))
        .extracting(ProvedWorkload::name, ProvedWorkload::enforced)
        .containsExactly(tuple("web", true), tuple("web.pod", false));
    assertThat(
            of(DEPLOYMENT.replace("{app: web}", "{app: web, sidecar.istio.io/inject: \"false\"}")))
        .extracting(ProvedWorkload::enforced)
        .containsExactly(false);
    assertThat(
            of(
                DEPLOYMENT,
                "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: disabled}}\n"))
        .extracting(ProvedWorkload::enforced)
        .containsExactly(false);
  }

  @Test
  void twoOfOneNameAreToldApart() {
    assertThat(
            of(DEPLOYMENT, DEPLOYMENT.replace("Deployment", "StatefulSet").replace("front", "x")))
        .extracting(ProvedWorkload::name)
        .containsExactly("web", "web.statefulset");
  }

  @Test
  void aWorkloadEntryHasItsOwnNumbersForPorts() {
    assertThat(
            of(
                SERVICE,
                """
                apiVersion: networking.istio.io/v1
                kind: WorkloadEntry
                metadata: {name: vm, namespace: shop}
                spec: {address: 10.1.1.1, labels: {app: web}, ports: {http: 7000}, serviceAccount: vm}
                """))
        .singleElement()
        .satisfies(
            vm -> {
              assertThat(vm.ports()).extracting(Port::number).containsExactly(7000, 8081);
              assertThat(vm.addresses()).hasSize(1);
              assertThat(vm.principal()).contains("spiffe://cluster.local/ns/shop/sa/vm");
            });
  }

  @Test
  void aTextThatIsTheSameIsNotReadAgain() {
    MeshText reader = new MeshText();
    SourceText text = new SourceText("a.yaml", DEPLOYMENT);
    MeshInput first = reader.read(List.of(text));
    MeshInput second = reader.read(List.of(text, new SourceText("b.yaml", SERVICE)));
    assertThat(second.templates().getFirst()).isSameAs(first.templates().getFirst());
    assertThat(second.resources()).hasSize(1);
  }

  private static final String GROUP =
      """
      apiVersion: networking.istio.io/v1
      kind: WorkloadGroup
      metadata: {name: ledger-vm, namespace: shop}
      spec:
        metadata: {labels: {app: ledger}}
        template: {serviceAccount: ledger, ports: {http: 9090}}
      """;

  /** A machine as istiod writes it down when it comes. */
  private static String machine(String address, String labels) {
    return """
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata:
          name: ledger-vm-%1$s
          namespace: shop
          annotations: {istio.io/autoRegistrationGroup: ledger-vm}
        spec: {address: %1$s, labels: {%2$s}, serviceAccount: ledger, ports: {http: 9090}}
        """
        .formatted(address, labels);
  }

  @Test
  void aGroupOfMachinesIsOneWorkloadAlsoBeforeAnyOfThemCame() {
    String service = SERVICE.replace("{app: web}", "{app: ledger}");
    assertThat(of(GROUP, service))
        .singleElement()
        .satisfies(
            ledger -> {
              assertThat(ledger.qualifiedName()).isEqualTo("shop/ledger-vm");
              assertThat(ledger.principal()).contains("spiffe://cluster.local/ns/shop/sa/ledger");
              assertThat(ledger.enforced()).isTrue();
              assertThat(ledger.addresses()).isEmpty();
              assertThat(ledger.ports())
                  .extracting(Port::number, Port::servicePort)
                  .containsExactly(tuple(8081, 81), tuple(9090, 80));
            });
    assertThat(
            of(
                GROUP,
                machine("10.0.0.7", "app: ledger, topology.istio.io/network: vms"),
                machine("10.0.0.8", "app: ledger")))
        .singleElement()
        .satisfies(ledger -> assertThat(ledger.addresses()).hasSize(2));
  }

  @Test
  void aMachineThatIsUnlikeItsGroupIsAWorkloadOfItsOwn() {
    assertThat(of(GROUP, machine("10.0.0.7", "app: ledger, version: v0")))
        .extracting(ProvedWorkload::name)
        .containsExactly("ledger-vm", "ledger-vm-10.0.0.7");
  }

  private static Enforcer enforcer(String... documents) {
    List<ProvedWorkload> found = of(documents);
    assertThat(found).hasSize(1);
    return found.getFirst().enforcer();
  }

  private static String machineWith(String more) {
    return """
        apiVersion: networking.istio.io/v1
        kind: WorkloadEntry
        metadata: {name: vm, namespace: shop}
        spec: {address: 10.1.1.1, %s}
        """
        .formatted(more);
  }

  @Test
  void aMachineHasAProxyWhereIstioTakesItToHaveOne() {
    assertThat(enforcer(machineWith("labels: {app: web}"))).isEqualTo(Enforcer.NONE);
    assertThat(enforcer(machineWith("serviceAccount: vm"))).isEqualTo(Enforcer.SIDECAR);
    assertThat(enforcer(machineWith("labels: {security.istio.io/tlsMode: istio}")))
        .isEqualTo(Enforcer.SIDECAR);
    assertThat(
            enforcer(
                machineWith("serviceAccount: vm, labels: {security.istio.io/tlsMode: disabled}")))
        .isEqualTo(Enforcer.NONE);
    assertThat(enforcer(machine("10.0.0.7", "app: ledger").replace("serviceAccount: ledger, ", "")))
        .as("it registered itself")
        .isEqualTo(Enforcer.SIDECAR);
    assertThat(of(GROUP, machine("10.0.0.7", "app: ledger, security.istio.io/tlsMode: disabled")))
        .extracting(ProvedWorkload::enforcer)
        .containsExactly(Enforcer.SIDECAR, Enforcer.NONE);
  }

  private static String proxyAlone(String metadata, String container) {
    return """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: door, namespace: shop}
        spec:
          template:
            metadata: {%s}
            spec: {containers: [{name: istio-proxy%s}]}
        """
        .formatted(metadata, container);
  }

  @Test
  void aProxyThatTakesConnectionsOfItsOwnIsAGateway() {
    String router = ", args: [proxy, router, --domain, a]";
    String own = "labels: {gateway.networking.k8s.io/gateway-name: door";
    assertThat(enforcer(proxyAlone("labels: {istio: ingressgateway}", router)))
        .isEqualTo(Enforcer.GATEWAY);
    assertThat(enforcer(proxyAlone("labels: {a: b}", ", args: [proxy, --in-pod=router]")))
        .isEqualTo(Enforcer.GATEWAY);
    assertThat(enforcer(proxyAlone("annotations: {inject.istio.io/templates: \"a, gateway\"}", "")))
        .isEqualTo(Enforcer.GATEWAY);
    assertThat(enforcer(proxyAlone(own + "}", ""))).isEqualTo(Enforcer.GATEWAY);
    assertThat(
            enforcer(
                proxyAlone(
                    own + ", gateway.networking.k8s.io/gateway-class-name: istio-waypoint}",
                    router)))
        .isEqualTo(Enforcer.WAYPOINT);
    assertThat(enforcer(proxyAlone("labels: {a: b}", ""))).isEqualTo(Enforcer.SIDECAR);
    assertThat(enforcer(proxyAlone(own + "}", "}, {name: envoy")))
        .as("another mesh's, or none's")
        .isEqualTo(Enforcer.SIDECAR);
  }

  private static String namespace(String labels) {
    return "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {%s}}\n"
        .formatted(labels);
  }

  @Test
  void aPodOfAnAmbientMeshIsBehindZtunnel() {
    String ambient = namespace("istio.io/dataplane-mode: ambient");
    String bare =
        pod("a", "10.0.0.1", "")
            .replace(", security.istio.io/tlsMode: istio", "")
            .replace(", {name: istio-proxy}", "");
    assertThat(enforcer(ambient, DEPLOYMENT)).isEqualTo(Enforcer.ZTUNNEL);
    assertThat(enforcer(ambient, DEPLOYMENT, bare)).isEqualTo(Enforcer.ZTUNNEL);
    assertThat(enforcer(ambient, pod("a", "10.0.0.1", ""))).isEqualTo(Enforcer.SIDECAR);
    String out = DEPLOYMENT.replace("{app: web}", "{app: web, istio.io/dataplane-mode: none}");
    assertThat(enforcer(ambient, out)).isEqualTo(Enforcer.SIDECAR);
    assertThat(
            enforcer(
                DEPLOYMENT.replace("{app: web}", "{app: web, istio.io/dataplane-mode: ambient}")))
        .isEqualTo(Enforcer.ZTUNNEL);
    assertThat(
            enforcer(
                bare.replace(
                    "  labels: ",
                    "  annotations: {ambient.istio.io/redirection: enabled}\n  labels: ")))
        .isEqualTo(Enforcer.ZTUNNEL);
    assertThat(
            enforcer(
                ambient,
                DEPLOYMENT.replace("{app: web}", "{app: web, sidecar.istio.io/inject: \"true\"}")))
        .isEqualTo(Enforcer.SIDECAR);
    assertThat(
            enforcer(
                ambient,
                DEPLOYMENT.replace(
                    "serviceAccountName", "hostNetwork: true\n      serviceAccountName")))
        .isEqualTo(Enforcer.NONE);
  }
}
