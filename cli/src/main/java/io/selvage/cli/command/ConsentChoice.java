package io.selvage.cli.command;

import java.io.Console;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options that say whether a command that changes clusters asks before it does. */
final class ConsentChoice {
  @Option(
      names = {"-y", "--yes"},
      description = "Don't ask. Where there is no terminal, nobody is asked either.")
  private boolean yes;

  @Option(names = "--dry-run", description = "Only show what would be done.")
  private boolean dry;

  boolean isDry() {
    return dry;
  }

  boolean saidYes() {
    return yes;
  }

  boolean nobodyCanBeAsked() {
    return terminal() == null;
  }

  /** Whether nobody needs to be asked, or said yes. */
  boolean agreed(CommandSpec spec, String question) {
    return yes || answer(spec, question).orElse(true);
  }

  /** What the user says; empty where there is no terminal. */
  static Optional<Boolean> answer(CommandSpec spec, String question) {
    Console console = terminal();
    if (console == null) {
      return Optional.empty();
    }
    spec.commandLine().getOut().flush();
    String answer = console.readLine("%s [y/N] ", question);
    return Optional.of(answer != null && answer.strip().toLowerCase(Locale.ROOT).matches("y|yes"));
  }

  private static @Nullable Console terminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).orElse(null);
  }
}
