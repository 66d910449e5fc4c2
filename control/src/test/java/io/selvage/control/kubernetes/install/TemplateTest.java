package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

final class TemplateTest {
  @Test
  void aValueIsAValueAndNeverMoreYaml() {
    JsonNode map =
        Template.fill(
                "mesh-config.yaml",
                Map.of("namespace", "x\nlabels: {a: b}", "trustDomain", "d: e\nf: ${namespace}"))
            .getFirst();
    assertThat(map.path("metadata").path("namespace").asString()).isEqualTo("x\nlabels: {a: b}");
    assertThat(map.path("metadata").has("labels")).isFalse();
    assertThat(map.path("data").path("mesh").asString())
        .isEqualTo("trustDomain: d: e\nf: ${namespace}\n");
  }

  @Test
  void aValueKeepsItsType() {
    Map<String, Object> values = new HashMap<>(InstallSettings.DEFAULTS.values());
    values.putAll(
        Map.of(
            "namespace", "n",
            "version", "1",
            "settings", "{}",
            "replicas", 3,
            "arguments", java.util.List.of("a", "b")));
    JsonNode spec = Template.fill("control-plane.yaml", values).get(1).path("spec");
    assertThat(spec.path("replicas").isInt()).isTrue();
    assertThat(spec.path("template").path("spec").path("containers").path(0).path("args").size())
        .isEqualTo(2);
  }

  @Test
  void aValueThatIsNotGivenIsAMistake() {
    assertThatThrownBy(() -> Template.fill("namespace.yaml", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("namespace");
  }
}
