package io.selvage.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every stable code that the product can say has its page, and every page says what to do. */
class StableCodesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern CODE = Pattern.compile("SLV\\d{4}");

  @Test
  void everyCodeInTheSourcesHasAPage() throws IOException {
    SortedSet<String> said = new TreeSet<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .filter(file -> file.toString().contains("/src/main/"))
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(
              file -> CODE.matcher(read(file)).results().forEach(code -> said.add(code.group())));
    }
    assertThat(said).isNotEmpty();
    assertThat(said).allSatisfy(code -> assertThat(page(code)).exists());
  }

  @Test
  void everyPageNamesCauseAndNextStep() throws IOException {
    try (Stream<Path> pages = Files.list(ROOT.resolve("docs/errors"))) {
      assertThat(pages.filter(page -> CODE.matcher(page.toString()).find()))
          .isNotEmpty()
          .allSatisfy(
              page ->
                  assertThat(read(page))
                      .startsWith("# " + page.getFileName().toString().replace(".md", ": "))
                      .contains("## What it means")
                      .contains("## Cause")
                      .contains("## Next step"));
    }
  }

  private static Path page(String code) {
    return ROOT.resolve("docs/errors").resolve(code + ".md");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
