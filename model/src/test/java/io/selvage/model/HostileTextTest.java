package io.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Whatever the text, the reader answers with resources or with problems that have a place. */
class HostileTextTest {

  private static final List<String> SEEDS = seeds();

  private static List<String> seeds() {
    try (Stream<Path> files = Files.walk(Path.of("src/test/golden"))) {
      return files
          .filter(path -> path.endsWith("input.yaml"))
          .sorted()
          .map(HostileTextTest::text)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Property(tries = 1000)
  void arbitraryTextNeverThrows(@ForAll String text) {
    assertAnswered(text);
  }

  @Property(tries = 1000)
  void mutatedDocumentsNeverThrow(@ForAll("mutations") String text) {
    assertAnswered(text);
  }

  /** One cut-out and one splice in a good document, most often of YAML's own punctuation. */
  @Provide
  Arbitrary<String> mutations() {
    Arbitrary<String> splice =
        Arbitraries.oneOf(
            Arbitraries.of(
                "---\n",
                "&a ",
                "*a",
                "[",
                "]",
                "{",
                "}",
                ": ",
                "- ",
                "|\n",
                ">",
                "!!int ",
                "\t",
                "'",
                "\"",
                "? ",
                "\u0000",
                "\n  ",
                "~",
                "<<: ",
                "...\n",
                "%YAML 9.9\n",
                "\ud800"),
            Arbitraries.strings().ofMaxLength(8));
    return Combinators.combine(
            Arbitraries.of(SEEDS),
            Arbitraries.integers().between(0, 1_000_000),
            Arbitraries.integers().between(0, 20),
            splice)
        .as(
            (seed, at, cut, inserted) -> {
              int from = at % seed.length();
              int to = Math.min(seed.length(), from + cut);
              return seed.substring(0, from) + inserted + seed.substring(to);
            });
  }

  private static void assertAnswered(String text) {
    ReadResult result = ResourceReader.read("x.yaml", text);
    for (Problem problem : result.problems()) {
      assertThat(problem.at().source()).isEqualTo("x.yaml");
      assertThat(problem.at().line()).isPositive();
    }
    assertThat(result.refused().isEmpty()).isEqualTo(!result.hasErrors());
    MeshSnapshot.of(1, result.resources(), result.problems());
  }

  @Test
  void aliasesThatMultiplyAreRefused() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String previous = "*a" + (i - 1);
      bomb.append(
          "a%d: &a%d [%s, %s, %s, %s]\n".formatted(i, i, previous, previous, previous, previous));
    }
    assertRefusedAsTooLarge(bomb.toString());
  }

  @Test
  void deepNestingIsRefused() {
    assertRefusedAsTooLarge("[".repeat(100_000));
    assertRefusedAsTooLarge("a: ".repeat(1) + "{b: ".repeat(50_000));
  }

  @Test
  void aHugeDocumentIsRefusedAndTheNextOneRead() {
    String huge = "a: \"" + "x".repeat(YamlDocuments.MAX_DOCUMENT) + "\"\n---\n";
    ReadResult result =
        ResourceReader.read("x.yaml", huge + "kind: MeshConfig\ntrustDomain: example.org\n");
    assertThat(result.problems()).extracting(Problem::code).containsExactly(ProblemCodes.TOO_LARGE);
    assertThat(result.resources()).hasSize(1);
  }

  private static void assertRefusedAsTooLarge(String text) {
    ReadResult result = ResourceReader.read("x.yaml", text);
    assertThat(result.resources()).isEmpty();
    assertThat(result.problems()).extracting(Problem::code).containsOnly(ProblemCodes.TOO_LARGE);
  }
}
