package io.selvage.doctor.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A command for several arguments, run by this machine's own shell. */
final class BatchTest {
  private static final String QUOTES = "it's \"$HOME\" `id`\\n";

  private static List<Ran> runs(List<String> command, String... arguments) throws Exception {
    Process shell = new ProcessBuilder(Batch.line(command, List.of(arguments))).start();
    shell.getOutputStream().close();
    String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).isZero();
    return Batch.read(out, arguments.length);
  }

  @Test
  void eachHasItsOutputItsErrorsAndItsEnd() throws Exception {
    String script = "printf 'of %s\\n\\n' \"$0\"; echo \"no $0\" >&2; exit \"$0\"";
    assertThat(runs(List.of("sh", "-c", script), "0", "7"))
        .containsExactly(new Ran(0, "of 0\n\n", "no 0\n"), new Ran(7, "of 7\n\n", "no 7\n"));
  }

  @Test
  void wordsArriveAsTheyAre() throws Exception {
    assertThat(runs(List.of("printf", "%s|%s", QUOTES), QUOTES))
        .containsExactly(new Ran(0, QUOTES + "|" + QUOTES, ""));
  }

  @Test
  void whatIsNotInstalledSaysSo() throws Exception {
    assertThat(runs(List.of("no-such-command"), "a"))
        .singleElement()
        .satisfies(
            ran -> {
              assertThat(ran.exit()).isEqualTo(127);
              assertThat(ran.out()).isEmpty();
              assertThat(ran.err()).contains("no-such-command");
            });
  }

  @Test
  void nobodyWaitsForWhatIsTyped() throws Exception {
    assertThat(runs(List.of("cat"), "-")).containsExactly(new Ran(0, "", ""));
  }

  @Test
  void anOutputThatIsCutOffIsNoAnswer() {
    assertThatThrownBy(() -> Batch.read("", 2))
        .isInstanceOf(ProbeFailed.class)
        .hasMessage("0 of 2 requests ended");
    assertThatThrownBy(() -> Batch.read("YQ== YQ\n", 1))
        .isInstanceOf(ProbeFailed.class)
        .hasMessageContaining("not understood");
  }
}
