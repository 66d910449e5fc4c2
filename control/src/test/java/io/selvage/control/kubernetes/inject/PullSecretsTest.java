package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The Secrets by which the sidecar's image is pulled. */
class PullSecretsTest {

  private static JsonNode inject(ObjectNode pod, List<String> secrets) {
    Injector injector = new Injector(Pods.settings(secrets, ProxyDefaults.STANDARD));
    return ((Injector.Outcome.Injected) injector.inject(pod, "sample", Optional.empty())).pod();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | [{\"name\":\"registry\"},{\"name\":\"mirror\"}]",
        "'[]' | [{\"name\":\"registry\"},{\"name\":\"mirror\"}]",
        "'[{name: own}]' | [{\"name\":\"own\"},{\"name\":\"registry\"},{\"name\":\"mirror\"}]",
        "'[{name: mirror}]' | [{\"name\":\"mirror\"},{\"name\":\"registry\"}]",
      })
  void areBehindThePodsOwnEachOnce(String own, String all) {
    ObjectNode pod =
        Pods.of(
            "{metadata: {name: web}, spec: {containers: [{name: app, image: app}]%s}}"
                .formatted(own.isEmpty() ? "" : ", imagePullSecrets: " + own));
    JsonNode injected = inject(pod, List.of("registry", "mirror"));
    assertThat(injected.path("spec").path("imagePullSecrets")).hasToString(all);
    assertThat(PodJson.annotations(injected).get(InjectionPolicy.STATUS))
        .contains("\"imagePullSecrets\":[\"registry\",\"mirror\"]");
  }

  @Test
  void withoutAnyAPodStaysAsItIs() {
    JsonNode injected = inject(Pods.with(Map.of(), Map.of()), List.of());
    assertThat(injected.path("spec").has("imagePullSecrets")).isFalse();
    assertThat(PodJson.annotations(injected).get(InjectionPolicy.STATUS))
        .contains("\"imagePullSecrets\":null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "A", "a_b", "-a", "a-", "a..b", "a.", "a b"})
  void whatNoSecretCanBeCalledIsRefused(String name) {
    assertThatThrownBy(() -> InjectionChoices.secretName(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + name + "'");
  }

  @Test
  void whatASecretCanBeCalledIsTaken() {
    assertThat(InjectionChoices.secretName("registry.example-1")).isEqualTo("registry.example-1");
    assertThatThrownBy(() -> InjectionChoices.secretName("a".repeat(254)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
