package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.MeshConfig.OutboundTrafficPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a Sidecar, what one imports, and which one a workload has. */
class SidecarTest {
  private static final String HEAD =
      """
      apiVersion: networking.istio.io/v1
      kind: Sidecar
      metadata: {name: %s, namespace: %s, creationTimestamp: "2026-01-%sT00:00:00Z"}
      spec: {%s}
      """;

  private static ReadResult read(String spec) {
    return ResourceReader.read("sidecar.yaml", HEAD.formatted("default", "shop", "01", spec));
  }

  private static Sidecar only(String spec) {
    ReadResult result = read(spec);
    assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
    return (Sidecar) result.resources().getFirst();
  }

  private static boolean imports(String hosts, String host, String namespace) {
    Sidecar sidecar = only("egress: [{hosts: %s}]".formatted(hosts));
    return sidecar.egress().getFirst().imports(host, namespace, "shop");
  }

  @Test
  void whatIsEnforcedIsReadWithoutAWord() {
    String spec =
        "workloadSelector: {labels: {app: web}}, outboundTrafficPolicy: {mode: ALLOW_ANY}, egress: [{captureMode: IPTABLES, hosts: [./*]}]";
    assertThat(read(spec).problems()).isEmpty();
    assertThat(only(spec).workloadSelector()).contains(WorkloadSelector.of("app", "web"));
    assertThat(only(spec).outboundTrafficPolicy()).contains(OutboundTrafficPolicy.ALLOW_ANY);
    assertThat(only(spec).egress())
        .isEqualTo(
            List.of(
                new Sidecar.Egress(
                    OptionalInt.empty(), true, List.of(new Sidecar.Host(false, ".", "*")))));
  }

  @Test
  void whatItSaysThatPortsSpeakIsKeptForThoseWhoAsk() {
    assertThat(
            only("ingress: [{port: {number: 80, protocol: http_proxy}}, {port: {number: 90,"
                    + " protocol: MONGO}}, {bind: 'unix:///a', port: {protocol: TCP}}]")
                .ingress())
        .containsExactly(
            new Sidecar.Ingress(80, PortProtocol.HTTP), new Sidecar.Ingress(90, PortProtocol.TCP));
  }

  @Test
  void aPolicyThatSaysNoModeIsTheApisOwnDefault() {
    assertThat(only("outboundTrafficPolicy: {}").outboundTrafficPolicy())
        .contains(OutboundTrafficPolicy.REGISTRY_ONLY);
  }

  @ParameterizedTest
  @CsvSource({
    "'outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b}}', spec.outboundTrafficPolicy.egressProxy",
    "'ingress: [{port: {number: 80, protocol: HTTP}, defaultEndpoint: \"127.0.0.1:80\"}]', spec.ingress",
    "'inboundConnectionPool: {http: {http2MaxRequests: 1}}', spec.inboundConnectionPool",
    "'egress: [{captureMode: NONE, hosts: [./*]}]', spec.egress[0].captureMode",
    "'egress: [{port: {number: 80, protocol: HTTP}, hosts: [./*]}]', spec.egress[0].port.protocol",
  })
  void whatIsNotEnforcedIsSaid(String spec, String field) {
    assertThat(read(spec).problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCodes.NOT_ENFORCED);
              assertThat(problem.field()).isEqualTo(field);
            });
    assertThat(read(spec).resources()).hasSize(1);
  }

  @Test
  void aListenerOfItsOwnHandsNothingOn() {
    for (String listener :
        List.of(
            "bind: 127.0.0.1, port: {number: 80, protocol: HTTP}",
            "bind: 'unix:///tmp/a', port: {number: 0, protocol: HTTP}",
            "port: {number: 80, protocol: HTTP_PROXY}",
            "captureMode: NONE, port: {number: 80, protocol: HTTP}")) {
      assertThat(only("egress: [{%s, hosts: [./*]}]".formatted(listener)).egress())
          .as(listener)
          .noneMatch(Sidecar.Egress::captured);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "egress: []",
        "egress: [{hosts: []}]",
        "egress: [{hosts: ['*']}]",
        "egress: [{hosts: [shop/web]}]",
        "egress: [{hosts: ['shop/*web.com']}]",
        "egress: [{hosts: ['/a.b']}]",
        "egress: [{hosts: [a/b.c/d]}]",
        "egress: [{hosts: ['*a/b.c']}]",
        "egress: [{hosts: [./*]}, {hosts: [a/*]}]",
        "egress: [{port: {number: 0, protocol: TCP}, hosts: [./*]}]",
        "egress: [{port: {number: 80}, hosts: [./*]}]",
        "egress: [{port: {number: 80, protocol: HTTP, targetPort: 8}, hosts: [./*]}]",
        "egress: [{port: {number: 80, protocol: NONE}, hosts: [./*]}]",
        "egress: [{port: {number: 80, protocol: TCP}, hosts: [./*]}, {port: {number: 80, protocol: TCP}, hosts: [./*]}]",
        "egress: [{captureMode: SOME, hosts: [./*]}]",
        "outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}",
        "workloadSelector: {labels: {app: 'a*'}}, egress: [{hosts: [./*]}]",
        "ingress: [{port: {number: 443, protocol: HTTPS}, tls: {mode: MUTUAL}}]",
      })
  void whatAdmissionWouldRefuseIsRefused(String spec) {
    assertThat(read(spec).hasErrors()).isTrue();
    assertThat(read(spec).resources()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "'[./*]', a.shop.svc.cluster.local, shop, true",
    "'[./*]', a.data.svc.cluster.local, data, false",
    "'[data/*]', a.data.svc.cluster.local, data, true",
    "'[*/*]', a.data.svc.cluster.local, data, true",
    "'[*/a.b]', a.b, data, true",
    "'[*/a.b]', c.a.b, data, false",
    "'[*/*.a.b]', c.a.b, data, true",
    "'[*/*.a.b]', d.c.a.b, data, true",
    "'[*/*.a.b]', a.b, data, false",
    "'[*/*.a.b]', *.c.a.b, data, true",
    "'[*/*.a.b]', *.a.b, data, true",
    "'[*/*.a.b]', *.b, data, false",
    "'[*/c.a.b]', *.a.b, data, false",
    "'[*/*, ~data/*]', a.b, data, false",
    "'[~/a.b, */*]', a.b, data, false",
    "'[*/*, ~./a.b]', a.b, data, true",
    "'[*/*, ~./a.b]', a.b, shop, false",
    "'[~/*]', a.b, shop, false",
  })
  void namespaceAndNameBothDecideAndWhatIsTakenOutStaysOut(
      String hosts, String host, String namespace, boolean imported) {
    assertThat(
            imports(
                "['" + hosts.substring(1, hosts.length() - 1).replace(", ", "', '") + "']",
                host,
                namespace))
        .isEqualTo(imported);
  }

  private static MeshSnapshot mesh(String... sidecars) {
    ReadResult result = ResourceReader.read("mesh.yaml", String.join("\n---\n", sidecars));
    assertThat(result.hasErrors()).as("%s", result.problems()).isFalse();
    return MeshSnapshot.of(1, result.resources(), result.problems());
  }

  private static String sidecar(String namespace, String name, String day, String selector) {
    String spec = "%segress: [{hosts: [./*]}]".formatted(selector);
    return HEAD.formatted(name, namespace, day, spec);
  }

  private static Optional<String> chosen(String namespace, String app, String... sidecars) {
    return mesh(sidecars)
        .sidecarFor(new WorkloadView(namespace, Map.of("app", app)))
        .map(one -> one.meta().qualifiedName());
  }

  @Test
  void theOneThatSelectsComesBeforeTheNamespacesAndThatBeforeTheMeshes() {
    String[] all = {
      sidecar("istio-system", "mesh", "01", ""),
      sidecar("istio-system", "some", "01", "workloadSelector: {labels: {app: web}}, "),
      sidecar("shop", "all", "01", ""),
      sidecar("shop", "web", "03", "workloadSelector: {labels: {app: web}}, "),
      sidecar("shop", "older", "02", "workloadSelector: {labels: {app: web}}, "),
      sidecar("data", "web", "01", "workloadSelector: {labels: {app: web}}, "),
    };
    assertThat(chosen("shop", "web", all)).contains("shop/older");
    assertThat(chosen("shop", "db", all)).contains("shop/all");
    assertThat(chosen("data", "db", all)).contains("istio-system/mesh");
    assertThat(chosen("else", "web", all)).contains("istio-system/mesh");
    assertThat(chosen("istio-system", "web", all)).contains("istio-system/some");
    assertThat(chosen("else", "web", Arrays.copyOfRange(all, 1, 6))).isEmpty();
  }

  @Test
  void ofTwoForAllWorkloadsTheOlderDecidesAndTheOtherSaysSo() {
    String[] both = {sidecar("shop", "a", "02", ""), sidecar("shop", "b", "01", "")};
    assertThat(chosen("shop", "web", both)).contains("shop/b");
    assertThat(mesh(both).problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo("SLV7273");
              assertThat(problem.message()).contains("shop/a").contains("\"b\"");
            });
  }
}
