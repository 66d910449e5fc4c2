package io.selvage.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A method that looks like a test is one: what nobody calls, JUnit does. */
class EveryTestRunsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  /** As google-java-format writes it: what stands before it on the line above, then its name. */
  private static final Pattern METHOD =
      Pattern.compile("(?m)^(?<before>.*)\\R {2}void (?<name>\\w+)\\(\\)");

  @Test
  void aMethodOfATestClassThatNobodyCallsHasAnAnnotation() throws IOException {
    List<String> forgotten = new ArrayList<>();
    int methods = 0;
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file :
          files
              .filter(file -> file.toString().contains("/src/test/java/"))
              .filter(file -> file.toString().endsWith("Test.java"))
              .toList()) {
        String text = read(file);
        List<MatchResult> found = METHOD.matcher(text).results().toList();
        methods += found.size();
        found.stream()
            .filter(method -> !isAnnotation(method.group("before")))
            .map(method -> method.group("name"))
            .filter(name -> !isCalled(name, text))
            .forEach(name -> forgotten.add(file.getFileName() + ": " + name));
      }
    }
    assertThat(methods).isPositive();
    assertThat(forgotten).isEmpty();
  }

  /** An annotation, or the last line of one. */
  private static boolean isAnnotation(String line) {
    return line.startsWith("  @") || line.startsWith("    ") || line.startsWith("  })");
  }

  private static boolean isCalled(String name, String text) {
    return Pattern.compile("\\b" + name + "\\b").matcher(text).results().count() > 1;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
