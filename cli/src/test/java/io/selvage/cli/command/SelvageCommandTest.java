package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import io.selvage.cli.terminal.Style;
import io.selvage.cli.terminal.Table;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SelvageCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return SelvageCommand.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void aMisspeltCommandIsAUsageErrorAndTheNearestIsNamed() {
    assertThat(run("versoin")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("Did you mean: selvage version");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void helpFitsIntoEightyColumns() {
    assertThat(run("--help")).isEqualTo(ExitCode.OK);
    assertThat(out.toString().lines()).allSatisfy(l -> assertThat(l.length()).isLessThan(81));
  }

  @Test
  void aCodeIsExplainedOfflineInAnySpelling() {
    assertThat(run("explain", "0010")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).startsWith("# SLV0010: workloads.yaml");
    assertThat(run("explain", "slv0010")).isEqualTo(ExitCode.OK);
  }

  @Test
  void everyCommandsHelpFitsIntoEightyColumns() {
    for (String command : SelvageCommand.commandLine().getSubcommands().keySet()) {
      if (!command.equals("help")) {
        assertThat(run(command, "--help")).as(command).isEqualTo(ExitCode.OK);
      }
    }
    assertThat(out.toString().lines()).allSatisfy(l -> assertThat(l.length()).isLessThan(81));
  }

  @Test
  void aMissingFolderIsAUsageErrorThatSaysWhatToWrite() {
    assertThat(run("up", "-f", "/no/such/folder")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("workloads.yaml is not there").contains("examples/minimal");
    assertThat(run("up", "-f", "x", "--name", "A B")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("lower-case letters");
  }

  @Test
  void whatIsNoCodeIsAUsageError() {
    assertThat(run("explain", "hello")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("selvage: `hello` is no code: they look like SLV4001 (or 4001)");
    assertThat(run("explain", "SLV0000")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void completionIsAScript() {
    assertThat(run("completion")).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("complete -F _complete_selvage");
  }

  @Test
  void colourFollowsOptionThenEnvironmentThenTerminal() {
    assertThat(Style.of(Style.When.ALWAYS, Map.of("NO_COLOR", "1"), false).colour()).isTrue();
    assertThat(Style.of(Style.When.NEVER, Map.of("CLICOLOR_FORCE", "1"), true).colour()).isFalse();
    assertThat(Style.of(Style.When.AUTO, Map.of("NO_COLOR", "1"), true).colour()).isFalse();
    assertThat(Style.of(Style.When.AUTO, Map.of("CLICOLOR_FORCE", "1"), false).colour()).isTrue();
    assertThat(Style.of(Style.When.AUTO, Map.of("TERM", "dumb"), true).colour()).isFalse();
    assertThat(Style.of(Style.When.AUTO, Map.of("TERM", "xterm"), true).colour()).isTrue();
    assertThat(Style.of(Style.When.AUTO, Map.of(), false).colour()).isFalse();
  }

  @Test
  void columnsAreAlignedWithoutTrailingBlanks() {
    assertThat(new Table("NAME", "STATE").row("a", "x").row("longer", "").lines())
        .containsExactly("NAME    STATE", "a       x", "longer");
  }
}
