package io.selvage.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.demo.DemoStage.Place;
import io.selvage.cli.terminal.Style;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class NarrationTest {

  private final StringWriter out = new StringWriter();
  private final Narration tell = new Narration(new PrintWriter(out), new Style(false));

  @Test
  void nothingIsWiderThanEightyColumns() {
    tell.says("a sentence of many words ".repeat(9));
    tell.command(
        Place.app("east", "sample", "sleep"),
        List.of(
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{errormsg}\\n", "http://x/y"));
    tell.output("    \"X-Forwarded-Client-Cert\": \"By=spiffe://a;" + "Hash=abc;".repeat(20));
    tell.output("x".repeat(300));
    assertThat(out.toString().lines()).allSatisfy(l -> assertThat(l.length()).isLessThan(80));
  }

  @Test
  void whatIsTooLongGoesOnBelowFurtherIn() {
    tell.output("  " + "word;".repeat(20));
    assertThat(out.toString().lines())
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).endsWith("word;"))
        .last()
        .asString()
        .startsWith("         word;");
  }

  @Test
  void aFailedExpectationIsRepeatedInTheSummary() {
    tell.step(1, "First");
    tell.expect(true, "fine");
    tell.expect(false, "not so");
    assertThat(tell.summary(1.5)).isFalse();
    assertThat(out.toString())
        .contains("× 1. First: not so")
        .contains("× 1 of 2 expectations hold, in 1.5 s");
  }
}
