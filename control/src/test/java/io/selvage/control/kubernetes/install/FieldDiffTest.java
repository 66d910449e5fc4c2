package io.selvage.control.kubernetes.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.inject.ClusterYaml;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class FieldDiffTest {
  private static ObjectNode object(String yaml) {
    return (ObjectNode) ClusterYaml.read(yaml).getFirst();
  }

  private static String between(String before, String after) {
    return String.join(
        "\n",
        FieldDiff.between(object(before), object(after)).stream()
            .map(FieldDiff::toString)
            .toList());
  }

  @Test
  void aFieldIsNamedByItsPath() {
    assertThat(between("{spec: {replicas: 1, x: {y: a}}}", "{spec: {replicas: 3, x: {y: a}}}"))
        .isEqualTo("spec.replicas: 1 -> 3");
  }

  @Test
  void elementsAreFoundByTheirNamesWhereverTheyAre() {
    assertThat(
            between(
                "{containers: [{name: a, image: x}, {name: b, image: u}]}",
                "{containers: [{name: b, image: z}, {name: a, image: x}]}"))
        .isEqualTo("containers[b].image: \"u\" -> \"z\"");
  }

  @Test
  void listsOfPlainValuesAreOneValue() {
    assertThat(between("{args: [a, b]}", "{args: [a]}"))
        .isEqualTo("args: [\"a\",\"b\"] -> [\"a\"]");
  }

  @Test
  void whatComesAndGoesIsSaid() {
    assertThat(between("{a: 1}", "{b: {c: 2}}"))
        .isEqualTo("a: 1 -> nothing\nb: nothing -> {\"c\":2}");
  }

  @Test
  void whatTheApiServerWritesIsNoDifference() {
    assertThat(
            between(
                "{metadata: {name: a, generation: 1, resourceVersion: '3', managedFields: []}, status: {x: 1}}",
                "{metadata: {name: a, generation: 2, resourceVersion: '4'}, status: {x: 2}}"))
        .isEmpty();
  }
}
