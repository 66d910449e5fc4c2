package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a Gateway, and which services one exposes. */
class GatewayTest {
  private static final String CROSS_NETWORK =
      """
      apiVersion: networking.istio.io/v1
      kind: Gateway
      metadata: {name: cross-network-gateway, namespace: istio-system}
      spec:
        selector: {istio: eastwestgateway}
        servers:
        - port: {number: 15443, name: tls, protocol: TLS}
          tls: {mode: AUTO_PASSTHROUGH}
          hosts: ["*.local"]
      """;

  private static ReadResult read(String yaml) {
    return ResourceReader.read("gateway.yaml", yaml);
  }

  private static Gateway only(String yaml) {
    ReadResult result = read(yaml);
    assertThat(result.problems()).filteredOn(Problem::isError).isEmpty();
    return (Gateway) result.resources().getFirst();
  }

  @Test
  void istiosOwnCrossNetworkGatewayIsReadWithoutAWord() {
    assertThat(read(CROSS_NETWORK).problems()).isEmpty();
    Gateway gateway = only(CROSS_NETWORK);
    assertThat(gateway.selector()).isEqualTo(Map.of("istio", "eastwestgateway"));
    assertThat(gateway.servers())
        .singleElement()
        .satisfies(
            server -> {
              assertThat(server.port()).isEqualTo(15443);
              assertThat(server.hosts()).isEqualTo(List.of(new Gateway.Host("", "*.local")));
            });
  }

  @ParameterizedTest
  @CsvSource({
    "'tls: {mode: SIMPLE, credentialName: a}', tls.mode SIMPLE",
    "'tls: {mode: MUTUAL, credentialName: a}', tls.mode MUTUAL",
    "'tls: {mode: ISTIO_MUTUAL}', tls.mode ISTIO_MUTUAL",
    "'tls: {mode: PASSTHROUGH}', tls.mode PASSTHROUGH",
    "'tls: {}', protocol TLS",
    "'tls: {mode: AUTO_PASSTHROUGH}\n    bind: 10.0.0.1', bind",
  })
  void aServerOfAnotherKindIsNamedAndNothingListensForIt(String written, String named) {
    ReadResult result = read(CROSS_NETWORK.replace("tls: {mode: AUTO_PASSTHROUGH}", written));
    assertThat(result.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.code()).isEqualTo("SLV7270");
              assertThat(problem.severity()).isEqualTo(Problem.Severity.WARNING);
              assertThat(problem.message()).contains(named).contains("15443");
            });
    assertThat(((Gateway) result.resources().getFirst()).servers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hosts: []",
        "hosts: ['*local']",
        "hosts: ['a/b/c']",
        "hosts: ['UPPER/*']",
        "hosts: ['Httpbin.local']",
        "hosts: ['*.local.']",
        "hosts: ['']"
      })
  void aHostThatIsNoneRefusesTheGateway(String hosts) {
    ReadResult result = read(CROSS_NETWORK.replace("hosts: [\"*.local\"]", hosts));
    assertThat(result.resources()).isEmpty();
    assertThat(result.hasErrors()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP", "TCP", "MONGO", "''"})
  void onlyTlsIsPassedOn(String protocol) {
    assertThat(read(CROSS_NETWORK.replace("protocol: TLS", "protocol: " + protocol)).resources())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{number: 0, protocol: TLS}", "{number: 70000, protocol: TLS}", "{}"})
  void aServerWithoutAPortRefusesTheGateway(String port) {
    assertThat(
            read(CROSS_NETWORK.replace("{number: 15443, name: tls, protocol: TLS}", port))
                .resources())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "*.local, a.b.svc.cluster.local, b, true",
    "*.local, local, b, false",
    "*.local, a.b.svc.cluster.locals, b, false",
    "*.local, alocal, b, false",
    "*, anything.example, b, true",
    "a.b.svc.cluster.local, a.b.svc.cluster.local, b, true",
    "a.b.svc.cluster.local, x.b.svc.cluster.local, b, false",
    "*.b.svc.cluster.local, *.b.svc.cluster.local, b, true",
    "*.c.svc.cluster.local, *.svc.cluster.local, c, false",
    "./*.local, a.istio-system.svc.cluster.local, istio-system, true",
    "./*.local, a.b.svc.cluster.local, b, false",
    "b/*.local, a.b.svc.cluster.local, b, true",
    "b/*.local, a.c.svc.cluster.local, c, false",
    "*/*.local, a.c.svc.cluster.local, c, true",
  })
  void exposesWhatItsHostsCover(String host, String service, String namespace, boolean exposed) {
    Gateway gateway = only(CROSS_NETWORK.replace("*.local", host));
    assertThat(gateway.servers().getFirst().exposes(service, namespace)).isEqualTo(exposed);
  }

  @Test
  void aServiceSaysHowItIsReachedFromOutsideAndWhoMaySeeIt() {
    Service service =
        (Service)
            read("""
                apiVersion: v1
                kind: Service
                metadata:
                  name: istio-eastwestgateway
                  namespace: istio-system
                  annotations: {networking.istio.io/exportTo: "., other"}
                spec:
                  type: LoadBalancer
                  externalIPs: [192.0.2.9]
                  ports: [{name: tls, port: 15443, nodePort: 30443}]
                status:
                  loadBalancer:
                    ingress: [{ip: 192.0.2.1}, {hostname: lb.example}]
                """)
                .resources()
                .getFirst();
    assertThat(service.external()).isEqualTo(List.of("192.0.2.1", "lb.example", "192.0.2.9"));
    assertThat(service.exportTo()).isEqualTo(List.of(".", "other"));
  }

  @Test
  void networksAreReadFromBesideTheMeshsSettings() {
    MeshConfig mesh = mesh("gateways: [{address: 192.0.2.1, port: 15443}]");
    MeshNetworks.Network west = mesh.networks().networks().get("west");
    assertThat(west)
        .isEqualTo(
            new MeshNetworks.Network(
                List.of("10.1.0.0/16"),
                List.of("west-cluster"),
                List.of(new MeshNetworks.Gateway("192.0.2.1", "", 15443))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gateways: [{address: 192.0.2.1}]",
        "gateways: [{port: 15443}]",
        "gateways: [{address: 192.0.2.1, registryServiceName: a.b, port: 1}]",
        "gateways: all"
      })
  void aMistakeInThemTakesThemAllAndLeavesTheMeshItsSettings(String gateways) {
    assertThat(mesh(gateways).networks()).isEqualTo(MeshNetworks.NONE);
  }

  private static MeshConfig mesh(String gateways) {
    ReadResult result =
        read(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data:
              mesh: "trustDomain: it.mesh"
              meshNetworks: |
                networks:
                  west:
                    endpoints: [{fromCidr: 10.1.0.0/16}, {fromRegistry: west-cluster}]
                    %s
            """
                .formatted(gateways));
    assertThat(result.hasErrors()).isFalse();
    MeshConfig mesh = (MeshConfig) result.resources().getFirst();
    assertThat(mesh.trustDomain()).isEqualTo("it.mesh");
    return mesh;
  }
}
