package io.selvage.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PageTest {

  @Test
  void theEnvironmentSaysHowWideATerminalIs() {
    assertThat(Page.of(Map.of("COLUMNS", "100"), false).columns()).isEqualTo(100);
    assertThat(Page.of(Map.of("COLUMNS", "7"), true).columns()).isEqualTo(40);
    assertThat(Page.of(Map.of("COLUMNS", "wide"), true).columns()).isEqualTo(80);
    assertThat(Page.of(Map.of(), true).columns()).isEqualTo(80);
  }

  @Test
  void withoutATerminalLinesStayWhole() {
    String text = "word ".repeat(50).strip();
    assertThat(Page.of(Map.of(), false).wrapped("- ", 2, text)).containsExactly("- " + text);
  }

  @Test
  void textIsBrokenAtBlanksAndGoesOnIndented() {
    assertThat(new Page(12).wrapped("- ", 2, "one two three four"))
        .containsExactly("- one two", "  three four");
  }

  @Test
  void aWordThatIsLongerThanALineIsBrokenWhereTheLineEnds() {
    assertThat(new Page(10).wrapped("", 2, "a 0123456789abc"))
        .containsExactly("a", "  01234567", "  89abc");
  }
}
