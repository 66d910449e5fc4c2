package io.selvage.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/conformance.md} says of the cases what is so; {@code make conformance-doc} makes it.
 */
class ConformanceDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "conformance.md");

  @Test
  void countsAndExceptionsAreThoseOfTheCases() throws IOException {
    String written = Files.readString(DOCUMENT);
    String current =
        ConformanceDocument.current(written, CaseReader.read(CaseReader.folder(), List.of()));
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.writeString(DOCUMENT, current);
    } else {
      assertThat(written).isEqualTo(current);
    }
  }
}
