package io.selvage.control.kubernetes.inject;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Each {@code NAME.yaml} is injected as {@code NAME.injected.yaml} says, with its notes. */
class InjectionGoldenTest {
  private static final Path GOLDEN =
      Path.of("src/test/resources/io/selvage/control/kubernetes/inject/golden");
  private static final String INJECTED = ".injected.yaml";

  static List<String> cases() throws IOException {
    try (Stream<Path> files = Files.list(GOLDEN)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml") && !name.endsWith(INJECTED))
          .map(name -> name.substring(0, name.length() - ".yaml".length()))
          .sorted()
          .toList();
    }
  }

  private static List<JsonNode> read(Path file) throws IOException {
    return ClusterYaml.read(Files.readString(file));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isInjectedAsExpected(String name) throws IOException {
    PodTemplates templates = new PodTemplates(new Injector(Pods.SETTINGS), "default");
    List<JsonNode> injected =
        read(GOLDEN.resolve(name + ".yaml")).stream().map(templates::injected).toList();
    String notes =
        templates.notes().stream()
            .map(note -> "# %s: %s%n".formatted(note.object(), note.text()))
            .collect(Collectors.joining());
    String text = notes + ClusterYaml.write(injected);
    Path expected = GOLDEN.resolve(name + INJECTED);
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(expected, text);
    }
    assertThat(text).isEqualTo(Files.readString(expected));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsAsItWasWritten(String name) throws IOException {
    List<JsonNode> documents = read(GOLDEN.resolve(name + INJECTED));
    assertThat(ClusterYaml.read(ClusterYaml.write(documents))).isEqualTo(documents);
  }
}
