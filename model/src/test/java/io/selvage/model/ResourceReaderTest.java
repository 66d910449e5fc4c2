package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceReaderTest {

  @Test
  void aResourceWithoutNamespaceIsInTheDefaultOne() {
    String yaml = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n";
    assertThat(ResourceReader.read("a.yaml", yaml, "pay").resources())
        .singleElement()
        .satisfies(resource -> assertThat(resource.meta().qualifiedName()).isEqualTo("pay/a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "---\n", "# only a comment", "---\n---\n...\n", "~"})
  void nothingWrittenIsNothingRead(String yaml) {
    ReadResult result = ResourceReader.read("a.yaml", yaml);
    assertThat(result.resources()).isEmpty();
    assertThat(result.problems()).isEmpty();
  }

  @Test
  void windowsLineEndingsAndJsonAreReadToo() {
    String text =
        """
        {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
         "metadata": {"name": "a"}, "spec": {"mtls": {"mode": "STRICT"}}}
        ---
        kind: MeshConfig
        """;
    ReadResult result = ResourceReader.read("a.yaml", text.replace("\n", "\r\n"));
    assertThat(result.problems()).isEmpty();
    assertThat(result.resources()).hasSize(2);
  }

  private static final String POLICY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: a}
      spec: {}
      """;

  /** Istio takes any name that is not empty. */
  @ParameterizedTest
  @CsvSource({"ext_authz, true", "Opa.Team/eu, true", "'', false"})
  void theProviderOfACustomPolicyHasAnyName(String name, boolean isTaken) {
    String spec = "spec: {action: CUSTOM, provider: {name: \"%s\"}, rules: [{}]}".formatted(name);
    ReadResult result = ResourceReader.read("a.yaml", POLICY.replace("spec: {}", spec));
    assertThat(result.hasErrors()).isEqualTo(!isTaken);
    assertThat(result.resources()).hasSize(isTaken ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v1beta1"})
  void bothVersionsOfTheSecurityGroupAreRead(String version) {
    ReadResult result = ResourceReader.read("a.yaml", POLICY.replace("io/v1", "io/" + version));
    assertThat(result.problems()).isEmpty();
    assertThat(result.resources()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r\n", "\r"})
  void anyLineEndingAndAByteOrderMarkAreRead(String ending) {
    String text = "\ufeff" + POLICY + "---\n" + POLICY.replace("name: a", "name: b");
    ReadResult result = ResourceReader.read("a.yaml", text.replace("\n", ending));
    assertThat(result.problems()).isEmpty();
    assertThat(result.resources()).hasSize(2);
  }

  @Test
  void tabsAreNoIndentation() {
    String text = POLICY.replace("metadata: {name: a}", "metadata:\n\tname: a");
    assertThat(ResourceReader.read("a.yaml", text).problems())
        .singleElement()
        .satisfies(
            problem -> assertThat(problem.render()).startsWith("a.yaml:4: this is not YAML"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"List", "AuthorizationPolicyList"})
  void eachResourceOfAListIsReadOrRefusedByItself(String kind) {
    ReadResult result =
        ResourceReader.read(
            "a.yaml",
            """
            apiVersion: v1
            kind: %s
            items:
            - apiVersion: security.istio.io/v1
              kind: AuthorizationPolicy
              metadata: {name: good, namespace: pay}
              spec: {}
            - apiVersion: security.istio.io/v1
              kind: AuthorizationPolicy
              metadata: {name: bad, namespace: pay}
              spec: {rule: []}
            - {apiVersion: v1, kind: List, items: [{kind: MeshConfig, trustDomain: inner}]}
            """
                .formatted(kind));
    assertThat(result.resources())
        .extracting(r -> r.meta().name())
        .containsExactly("good", "default");
    assertThat(result.refused()).extracting(ReadResult.Refused::name).containsExactly("bad");
    assertThat(result.problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.render())
                    .isEqualTo(
                        "a.yaml:11: spec.rule: there is no such field; did you mean \"rules\"?"));
  }

  @ParameterizedTest
  @CsvSource({
    "authorizationpolicy, security.istio.io/v1, SLV7204",
    "AuthorizationPolicies, security.istio.io/v1, SLV7204",
    "AuthorizationPolicy, security.istio.io/v2, SLV7204",
    "AuthorizationPolicy, security.istio.io, SLV7204",
    "AuthorizationPolicy, security.istio.oi/v1, SLV7204",
    "AuthorizationPolicy, '', SLV7204",
    "ServiceRoleBinding, rbac.istio.io/v1alpha1, SLV7204"
  })
  void whatIsNearlyAPolicyIsRefused(String kind, String apiVersion, String code) {
    String text =
        POLICY
            .replace("kind: AuthorizationPolicy", "kind: " + kind)
            .replace("security.istio.io/v1", "\"" + apiVersion + "\"");
    ReadResult result = ResourceReader.read("a.yaml", text);
    assertThat(result.problems()).extracting(Problem::code).containsExactly(code);
    assertThat(result.refused()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "Deployment, apps/v1",
    "VirtualService, networking.istio.io/v1",
    "Gateway, gateway.networking.k8s.io/v1",
    "Pod, v1",
    "AuthorizationPolicy, policy.linkerd.io/v1alpha1"
  })
  void kindsOfOthersAreLeftAlone(String kind, String apiVersion) {
    String text =
        POLICY
            .replace("kind: AuthorizationPolicy", "kind: " + kind)
            .replace("security.istio.io/v1", apiVersion);
    ReadResult result = ResourceReader.read("a.yaml", text);
    assertThat(result.problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.severity()).isEqualTo(Problem.Severity.NOTICE));
    assertThat(result.refused()).isEmpty();
  }

  @Test
  void aProblemReadsAsFileLineFieldMessageAndSuggestion() {
    Problem problem =
        Problem.error("SLV7205", new SourceLocation("mesh/a.yaml", 14, 3), "spec.rule", "no field")
            .suggesting(Optional.of("rules"));
    assertThat(problem.render())
        .isEqualTo("mesh/a.yaml:14: spec.rule: no field; did you mean \"rules\"?");
  }

  @Test
  void keysAreNotShownWithTheRuleThatHoldsThem() {
    String yaml =
        """
        apiVersion: security.istio.io/v1
        kind: RequestAuthentication
        metadata: {name: a}
        spec: {jwtRules: [{issuer: i, jwks: '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}'}]}
        """;
    ReadResult result = ResourceReader.read("a.yaml", yaml);
    assertThat(result.resources()).hasSize(1);
    assertThat(result.toString()).doesNotContain("c2VjcmV0");
  }

  @ParameterizedTest
  @CsvSource({
    "http, TCP, '', HTTP",
    "http-admin, TCP, '', HTTP",
    "grpc-web-x, TCP, '', GRPC_WEB",
    "grpc-x, TCP, '', GRPC",
    "https, TCP, '', HTTPS",
    "web, TCP, '', UNSPECIFIED",
    "http, TCP, tcp, TCP",
    "x, TCP, kubernetes.io/h2c, HTTP2",
    "http, UDP, '', UDP"
  })
  void aPortSpeaksWhatItsProtocolOrNameSays(
      String name, String transport, String appProtocol, PortProtocol expected) {
    Service.Port port =
        new Service.Port(name, 80, "80", transport, appProtocol, SourceLocation.UNKNOWN);
    assertThat(port.speaks()).isEqualTo(expected);
  }

  @Test
  void aPortOnWhichServersSpeakFirstIsTcpWhereNothingIsSaid() {
    for (int number : List.of(25, 53, 3306, 27017)) {
      assertThat(port(number, "", "").speaks()).isEqualTo(PortProtocol.TCP);
      assertThat(port(number, "db", "x").speaks()).isEqualTo(PortProtocol.TCP);
      assertThat(port(number, "http-x", "").speaks()).isEqualTo(PortProtocol.HTTP);
    }
    assertThat(port(3307, "db", "").speaks()).isEqualTo(PortProtocol.UNSPECIFIED);
  }

  @Test
  void anAppProtocolCountsUpToItsHyphenAsANameDoes() {
    assertThat(port(80, "tcp", "http-x").speaks()).isEqualTo(PortProtocol.HTTP);
    assertThat(port(80, "http", "tcp-x").speaks()).isEqualTo(PortProtocol.TCP);
    assertThat(port(80, "http", "grpc-webx").speaks()).isEqualTo(PortProtocol.GRPC_WEB);
    assertThat(port(80, "http", "example.com/own").speaks()).isEqualTo(PortProtocol.UNSPECIFIED);
  }

  private static Service.Port port(int number, String name, String appProtocol) {
    return new Service.Port(name, number, "80", "TCP", appProtocol, SourceLocation.UNKNOWN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a;b", "-a", "a b", "ä"})
  void aLabelOfAnEndpointIsOneOfKubernetes(String value) {
    String entry =
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: s, namespace: n}
        spec:
          hosts: [a.example]
          ports: [{number: 80, name: http, protocol: HTTP}]
          resolution: STATIC
          endpoints: [{address: 1.2.3.4, labels: {app.kubernetes.io/name: '%s'}}]
        """;
    assertThat(ResourceReader.read("s.yaml", entry.formatted(value)).problems())
        .anyMatch(problem -> problem.isError() && problem.message().contains("no value"));
    assertThat(ResourceReader.read("s.yaml", entry.formatted("v1.2_x")).problems()).isEmpty();
  }

  @Test
  void aBlockWiderThanAllMappedAddressesIsNone() {
    assertThat(IpAddresses.isAddressOrBlock("::ffff:10.0.0.0/104")).isTrue();
    assertThat(IpAddresses.isAddressOrBlock("::ffff:10.0.0.0/64")).isFalse();
    assertThat(IpAddresses.isAddressOrBlock("::/0")).isTrue();
  }
}
