package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        .endsWith("trustDomain: d: e\nf: ${namespace}\n");
  }

  @Test
  void aValueKeepsItsType() {
    JsonNode spec = Template.fill("control-plane.yaml", controlPlane()).get(1).path("spec");
    assertThat(spec.path("replicas").isInt()).isTrue();
    assertThat(spec.path("template").path("spec").path("containers").path(0).path("args").size())
        .isEqualTo(2);
  }

  private static Map<String, Object> controlPlane() {
    Map<String, Object> values = new HashMap<>();
    for (String text :
        List.of("namespace", "version", "image", "settings", "cpu", "memory", "memoryLimit")) {
      values.put(text, text);
    }
    values.put("replicas", 3);
    values.put("serviceAnnotations", Optional.of(Map.of("a", "b")));
    values.put("arguments", List.of("a", "b"));
    return values;
  }

  @Test
  void aFieldWhoseValueIsThereIsFilledAndOneWhoseValueIsNotIsLeftOut() {
    Map<String, Object> values = controlPlane();
    JsonNode service = Template.fill("control-plane.yaml", values).getFirst();
    assertThat(service.at("/metadata/annotations/a").asString()).isEqualTo("b");
    values.put("serviceAnnotations", Optional.empty());
    JsonNode without = Template.fill("control-plane.yaml", values).getFirst();
    assertThat(without.path("metadata").propertyNames())
        .containsExactlyInAnyOrder("name", "namespace");
  }

  @Test
  void aValueThatIsNotGivenIsAMistake() {
    assertThatThrownBy(() -> Template.fill("namespace.yaml", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("namespace");
  }
}
