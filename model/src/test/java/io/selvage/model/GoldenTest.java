package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documents in {@code src/test/golden} and what is made of them; {@code
 * -Dselvage.golden.update=true} rewrites the expectations.
 */
class GoldenTest {
  private static final Path CASES = Path.of("src/test/golden");

  static List<String> cases() throws IOException {
    try (Stream<Path> folders = Files.list(CASES)) {
      return folders.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsAs(String name) throws IOException {
    Path expected = CASES.resolve(name).resolve("expected.txt");
    String input = Files.readString(CASES.resolve(name).resolve("input.yaml"));
    String actual = render(ResourceReader.read("input.yaml", input));
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(expected, actual);
    }
    assertThat(actual).isEqualTo(Files.readString(expected));
  }

  private static String render(ReadResult result) {
    StringBuilder text = new StringBuilder();
    MeshSnapshot snapshot = MeshSnapshot.of(1, result.resources(), result.problems());
    snapshot.problems().forEach(problem -> text.append(problem).append('\n'));
    result.refused().forEach(refused -> text.append(refused).append('\n'));
    for (Resource resource : snapshot.resources()) {
      text.append('\n').append(RecordText.of(resource));
    }
    return text.toString();
  }
}
