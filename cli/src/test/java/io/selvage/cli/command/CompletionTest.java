package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What shells are given to complete words by. */
final class CompletionTest {
  @TempDir private Path folder;

  private static String script(String... arguments) {
    var out = new StringWriter();
    List<String> line = new ArrayList<>(List.of("completion"));
    line.addAll(List.of(arguments));
    assertThat(
            SelvageCommand.commandLine()
                .setOut(new PrintWriter(out))
                .execute(line.toArray(String[]::new)))
        .isEqualTo(ExitCode.OK);
    return out.toString();
  }

  private String bash(String... lines) throws IOException, InterruptedException {
    Path script = folder.resolve("run.bash");
    Files.writeString(script, String.join("\n", lines) + "\n");
    Process process =
        new ProcessBuilder("bash", "--norc", script.toString()).redirectErrorStream(true).start();
    String out =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    Path script = Files.writeString(folder.resolve("completion"), script());
    String completed =
        bash(
            "source " + script,
            "COMP_WORDS=(selvage doctor --cont) COMP_CWORD=2 COMP_LINE='selvage doctor --cont'",
            "COMP_POINT=${#COMP_LINE}",
            "_complete_selvage selvage --cont doctor",
            "printf '%s\\n' \"${COMPREPLY[@]}\"",
            "COMP_WORDS=(selvage doct) COMP_CWORD=1 COMP_LINE='selvage doct' COMP_POINT=12",
            "_complete_selvage selvage doct selvage",
            "printf '%s\\n' \"${COMPREPLY[@]}\"");
    assertThat(completed.lines()).contains("--context", "doctor");
  }

  @Test
  void zshHasTheScriptOfBashWhichTurnsItsOwnWayOn() {
    assertThat(script("zsh")).isEqualTo(script("bash")).contains("bashcompinit");
  }

  @Test
  void fishAsksForEachWord() {
    assertThat(script("fish"))
        .contains("complete -c selvage -f -a '(__selvage_candidates)'")
        .contains("selvage complete -- $words[2..-1]");
  }
}
