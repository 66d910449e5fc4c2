package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** Quantities, and what is too little of them. */
class SidecarResourcesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "100m, 0.1",
    "1.5, 1.5",
    ".5, 0.5",
    "+5., 5",
    "5n, 0.000000005",
    "7u, 0.000007",
    "2k, 2000",
    "3M, 3000000",
    "1E, 1000000000000000000",
    "2e3, 2000",
    "2E3, 2000",
    "2e-3, 0.002",
    "1Ki, 1024",
    "256Mi, 268435456",
    "1.5Gi, 1610612736",
    "1Ei, 1152921504606846976",
  })
  void aQuantityIsReadAsKubernetesDoes(String text, String amount) {
    assertThat(Quantity.of(text).amount()).isEqualByComparingTo(amount);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "lots", "128 Mi", "-1", "1mi", "1ki", "1K", "1e", "Mi", "1ee3"})
  void whatIsNoneIsSaidToBe(String text) {
    assertThatThrownBy(() -> Quantity.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "' is no quantity");
  }

  private static Injector.Outcome inject(ObjectNode pod) {
    return new Injector(Pods.SETTINGS).inject(pod, "sample", Optional.empty());
  }

  private static boolean isWarned(ObjectNode pod) {
    return ((Injector.Outcome.Injected) inject(pod))
        .warnings().stream().anyMatch(text -> text.contains("256Mi"));
  }

  @ParameterizedTest
  @CsvSource({
    "128Mi, true",
    "255Mi, true",
    "256M, true",
    "268435455, true",
    "256Mi, false",
    "0.25Gi, false",
    "1Gi, false",
  })
  void lessMemoryThanASidecarTakesIsTold(String limit, boolean told) {
    assertThat(isWarned(Pods.annotated("sidecar.istio.io/proxyMemoryLimit", limit)))
        .isEqualTo(told);
    ObjectNode written =
        Pods.of(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              containers:
              - {name: istio-proxy, image: auto, resources: {limits: {memory: %s}}}
              - {name: app, image: app}
            """
                .formatted(limit));
    assertThat(isWarned(written)).isEqualTo(told);
  }

  @Test
  void whoSaysNothingOrHasNoLimitIsToldNothing() {
    assertThat(isWarned(Pods.with(Map.of(), Map.of()))).isFalse();
    assertThat(isWarned(Pods.annotated("sidecar.istio.io/proxyMemory", "64Mi"))).isFalse();
  }

  @Test
  void aRequestAboveItsLimitIsRefusedSinceTheApiServerWould() {
    assertThatThrownBy(
            () ->
                new SidecarResources(
                    Optional.empty(), Optional.of("1Gi"), Optional.empty(), Optional.of("512Mi")))
        .hasMessage("--sidecar-memory-request 1Gi is more than --sidecar-memory-limit 512Mi");
    assertThat(
            new SidecarResources(
                    Optional.of("1000m"), Optional.empty(), Optional.of("1"), Optional.empty())
                .cpuRequest())
        .contains("1000m");
  }

  @Test
  void theStandardGivesWayToWhatIsChosen() {
    assertThat(chosen("", "", "", "128Mi").memoryRequest()).contains("128Mi");
    assertThat(chosen("", "2Gi", "", "").memoryLimit()).contains("2Gi");
    assertThat(chosen("", "", "none", "").cpuLimit()).isEmpty();
    assertThat(chosen("", "", "none", "").cpuRequest()).contains("100m");
    assertThat(chosen("", "", "", "")).isEqualTo(SidecarResources.STANDARD);
    assertThatThrownBy(() -> chosen("", "1Gi", "", "128Mi"))
        .hasMessageContaining("--sidecar-memory-request 1Gi is more than");
    assertThatThrownBy(() -> chosen("", "x", "", ""))
        .hasMessageContaining("--sidecar-memory-request");
  }

  private static SidecarResources chosen(
      String cpuRequest, String memoryRequest, String cpuLimit, String memoryLimit) {
    return SidecarResources.chosen(
        given(cpuRequest), given(memoryRequest), given(cpuLimit), given(memoryLimit));
  }

  private static Optional<String> given(String text) {
    return Optional.of(text).filter(one -> !one.isEmpty());
  }
}
