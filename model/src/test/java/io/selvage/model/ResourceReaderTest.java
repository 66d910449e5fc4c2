package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

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
}
