package io.selvage.cli.command;

import java.io.Console;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that say how far a command that changes clusters goes by itself. */
final class RunChoice {
  @Option(
      names = {"-y", "--yes"},
      description = "Don't ask. Where there is no terminal, nobody is asked either.")
  private boolean yes;

  @Option(names = "--dry-run", description = "Only show what would be done.")
  private boolean dry;

  @Option(
      names = "--force-conflicts",
      description = "Set also fields that others have set to something else; the plan shows them.")
  private boolean takeOver;

  @Option(
      names = "--wait",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "Wait until it is ready and check it (default); --no-wait doesn't.")
  private boolean wait = true;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for each cluster (${DEFAULT-VALUE}).")
  private int seconds = 300;

  boolean isDry() {
    return dry;
  }

  boolean takesOver() {
    return takeOver;
  }

  boolean waits() {
    return wait;
  }

  Duration limit() {
    return Duration.ofSeconds(seconds);
  }

  /** Whether nobody needs to be asked, or said yes. */
  boolean agreed(CommandSpec spec, String question) {
    Console console = System.console();
    if (yes || console == null || !console.isTerminal()) {
      return true;
    }
    spec.commandLine().getOut().flush();
    String answer = console.readLine("%s [y/N] ", question);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }
}
