package io.selvage.doctor.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.LogLine;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LogSignatureTest {
  @TestFactory
  Stream<DynamicTest> eachFindsItsSampleAndNoneOfAnotherMeaning() {
    return LogSignature.all().stream()
        .map(
            one ->
                DynamicTest.dynamicTest(
                    one.meaning() + ", " + one.of(),
                    () -> {
                      assertThat(one.match(line(one.sample()))).isPresent();
                      for (LogSignature other : LogSignature.all()) {
                        // A refusal to patch a webhook is also a call that was forbidden.
                        boolean both =
                            one.meaning().equals(LogSignature.WEBHOOK_PATCH)
                                && other.meaning().equals(LogSignature.FORBIDDEN);
                        if (!other.meaning().equals(one.meaning()) && !both) {
                          assertThat(other.match(line(one.sample()))).as(other.of()).isEmpty();
                        }
                      }
                    }));
  }

  @Test
  void partsAreNamed() {
    var old = LogSignature.find(LogSignature.CA_AUTHENTICATION, List.of(sample(0))).getFirst();
    assertThat(old.part("peer")).isEqualTo("10.244.1.53");
    assertThat(old.part("reasons")).startsWith("Authenticator ClientCertAuthenticator at index 0");
    var forbidden =
        LogSignature.find(
                LogSignature.FORBIDDEN,
                List.of(
                    line(
                        "{\"level\":\"error\",\"scope\":\"klog\",\"msg\":\"failed to list *v1.ConfigMap:"
                            + " configmaps \\\"istio-env-1\\\" is forbidden: User"
                            + " \\\"system:serviceaccount:mesh:istiod-env-1\\\" cannot list resource"
                            + " \\\"configmaps\\\" in API group \\\"\\\" in the namespace"
                            + " \\\"mesh\\\"\"}")))
            .getFirst();
    assertThat(forbidden.parts())
        .containsEntry("user", "system:serviceaccount:mesh:istiod-env-1")
        .containsEntry("verb", "list")
        .containsEntry("plural", "configmaps")
        .containsEntry("namespace", "mesh")
        .doesNotContainKey("group");
  }

  /** The line that the runbook prints, which its own expression does not find. */
  @Test
  void theRunbooksOwnLineIsFound() {
    assertThat(
            LogSignature.find(
                LogSignature.CA_AUTHENTICATION,
                List.of(
                    line(
                        "2021-06-10T13:51:44.017157Z warn serverca Authentication failed:"
                            + " Authenticator ClientCertAuthenticator at index 0 got error"))))
        .hasSize(1);
  }

  @Test
  void orderlyLinesSayNothing() {
    for (String text :
        List.of(
            "info\tads\tPush debounce stable[7] 1 for config ServiceEntry/pay/x",
            "info\thttp: TLS handshake error from 10.0.0.1:4711: EOF",
            "info\tSuccessfully authenticated client from 10.0.0.1:4711")) {
      assertThat(LogSignature.all()).noneMatch(one -> one.match(line(text)).isPresent());
    }
  }

  private static LogLine sample(int index) {
    return line(LogSignature.all().get(index).sample());
  }

  private static LogLine line(String text) {
    return new LogLine("istio-system", "istiod-x", "discovery", Optional.empty(), text);
  }
}
