package io.selvage.doctor.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.LogLine;
import io.selvage.doctor.mesh.LogSignature;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the wordings of proxies' logs find in a line. */
class LogSamplesTest {
  private static LogLine line(String text) {
    return new LogLine("sample", "sleep", "istio-proxy", Optional.empty(), text);
  }

  @Test
  void aTlsFailureHasItsServerAndReason() {
    assertThat(parts(LogSignature.UPSTREAM_TLS, "Envoy"))
        .containsEntry("reasons", "CERTIFICATE_VERIFY_FAILED")
        .containsEntry("host", "httpbin.sample.svc.cluster.local")
        .containsEntry("port", "8000");
    assertThat(parts(LogSignature.UPSTREAM_TLS, "Selvage"))
        .containsEntry("reasons", "CERTIFICATE_VERIFY_FAILED")
        .containsEntry("host", "10.244.2.5")
        .containsEntry("port", "8080");
  }

  @Test
  void aTlsFailureOfAnOlderEnvoyHasItsReason() {
    assertThat(
            LogSignature.find(
                LogSignature.UPSTREAM_TLS,
                List.of(
                    line(
                        "\"TLS error: 268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER\""))))
        .singleElement()
        .satisfies(match -> assertThat(match.part("reasons")).isEqualTo("WRONG_VERSION_NUMBER"));
  }

  @Test
  void aDenialHasItsPolicyAndCaller() {
    assertThat(parts(LogSignature.POLICY_DENIED, ""))
        .containsEntry("policy", "none")
        .containsEntry("peer", "10.244.0.11");
  }

  @Test
  void aRefusalHasItsProxy() {
    assertThat(parts(LogSignature.CONFIGURATION_REFUSED, ""))
        .containsEntry("proxy", "httpbin-5d4f8c7b9-x2x2x.sample");
  }

  private static Map<String, String> parts(String meaning, String of) {
    LogSignature first =
        LogSignature.all().stream()
            .filter(one -> one.meaning().equals(meaning) && one.of().startsWith(of))
            .findFirst()
            .orElseThrow();
    return LogSignature.find(meaning, List.of(line(first.sample()))).getFirst().parts();
  }
}
