package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class RedactionTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String CERTIFICATE =
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  private static final String KEY =
      "-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\n-----END PRIVATE KEY-----\n";

  /** {@code {"iss":"https://k8s","sub":"reader","aud":["api"],"exp":1800000000}}, unsigned. */
  private static final String TOKEN =
      "eyJhbGciOiJIUzI1NiJ9"
          + ".eyJpc3MiOiJodHRwczovL2s4cyIsInN1YiI6InJlYWRlciIsImF1ZCI6WyJhcGkiXSwiZXhwIjoxODAwMDAwMDAwfQ"
          + ".c2lnbmF0dXJl";

  private static ObjectNode object(String json) {
    return (ObjectNode) JSON.readTree(json);
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(JsonNode value) {
    return new String(Base64.getDecoder().decode(value.asString()), StandardCharsets.UTF_8);
  }

  private static ObjectNode secret(String key, String value) {
    return Redaction.of(
        Kind.SECRET, object("{\"data\": {\"%s\": \"%s\"}}".formatted(key, encoded(value))));
  }

  @Test
  void ofASecretOnlyCertificatesStay() {
    assertThat(decoded(secret("ca-cert.pem", CERTIFICATE).at("/data/ca-cert.pem")))
        .isEqualTo(CERTIFICATE);
    assertThat(secret("ca-key.pem", KEY).at("/data/ca-key.pem").asString()).isEqualTo("[redacted]");
    assertThat(secret("both", CERTIFICATE + KEY).at("/data/both").asString())
        .as("a key behind a certificate")
        .isEqualTo("[redacted]");
    assertThat(secret("password", "hunter2").at("/data/password").asString())
        .isEqualTo("[redacted]");
  }

  @Test
  void anEmptyValueOfASecretIsSeenToBeEmpty() {
    assertThat(secret("key.pem", "").at("/data/key.pem").asString()).isEmpty();
  }

  @Test
  void whatWasAppliedToASecretIsNotKeptBeside() {
    ObjectNode secret =
        Redaction.of(
            Kind.SECRET,
            object(
                """
                {"metadata": {"annotations": {"a": "b",
                  "kubectl.kubernetes.io/last-applied-configuration": "{\\"data\\": \\"hunter2\\"}"}},
                 "stringData": {"password": "hunter2"}}
                """));
    assertThat(secret.toString()).doesNotContain("hunter2").contains("\"a\":\"b\"");
  }

  @Test
  void aRemoteClustersKubeconfigTellsServerAndTokensClaims() {
    String kubeconfig =
        """
        apiVersion: v1
        kind: Config
        current-context: west
        clusters: [{name: west, cluster: {server: "https://west:6443", certificate-authority-data: Q0E=}}]
        contexts: [{name: west, context: {cluster: west, user: west}}]
        users:
        - {name: west, user: {token: %s, client-key-data: aHVudGVyMg==, exec: {command: hunter3}}}
        """
            .formatted(TOKEN);
    String text = decoded(secret("west", kubeconfig).at("/data/west"));
    assertThat(text).doesNotContain(TOKEN.substring(40)).doesNotContain("aHVudGVyMg", "hunter3");
    JsonNode shown = JSON.readTree(text);
    assertThat(shown.at("/clusters/0/cluster/server").asString()).isEqualTo("https://west:6443");
    JsonNode user = shown.at("/users/0/user");
    assertThat(user.path("token").asString()).isEqualTo("[redacted]");
    assertThat(user.at("/tokenClaims/exp").asLong()).isEqualTo(1_800_000_000L);
    assertThat(user.at("/tokenClaims/aud/0").asString()).isEqualTo("api");
  }

  @Test
  void yamlThatIsNoKubeconfigIsASecret() {
    assertThat(secret("x", "kind: Other\npassword: hunter2").at("/data/x").asString())
        .isEqualTo("[redacted]");
  }

  @Test
  void variablesOfContainersThatSoundSecretAre() {
    ObjectNode pod =
        Redaction.of(
            Kind.POD,
            object(
                """
                {"spec": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": "hunter2"},
                  {"name": "PILOT_CERT_PROVIDER", "value": "istiod"}, {"name": "X", "value": "%s"}]}]}}
                """
                    .formatted(TOKEN)));
    JsonNode variables = pod.at("/spec/containers/0/env");
    assertThat(variables.at("/0/value").asString()).isEqualTo("[redacted]");
    assertThat(variables.at("/1/value").asString()).isEqualTo("istiod");
    assertThat(variables.at("/2/value").asString()).isEqualTo("[redacted]");
  }

  @Test
  void keysAndTokensInTextsAreTakenOut() {
    assertThat(Redaction.text("got " + TOKEN + " from a:\n" + KEY + "."))
        .isEqualTo("got [redacted] from a:\n[redacted]\n.");
    assertThat(Redaction.text("-----BEGIN RSA PRIVATE KEY-----\nc2Vj"))
        .as("a key that is cut off")
        .isEqualTo("[redacted]");
  }
}
