package io.selvage.cli.command;

import java.util.ArrayList;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code selvage complete -- WORD...}: how the last word may go on, a candidate a line, then {@code
 * :4} as kubectl's plugins say that no file is meant.
 */
@Command(
    name = "complete",
    hidden = true,
    description = "Complete the last word, for kubectl's completion of plugins.")
final class CompleteCommand implements Runnable {
  private static final String NO_FILES = ":4";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "WORD", description = "The words so far; the last may be empty.")
  private List<String> words = List.of();

  @Override
  public void run() {
    var line = words.isEmpty() ? List.of("") : words;
    String last = line.getLast();
    var candidates = new ArrayList<CharSequence>();
    AutoComplete.complete(
        spec.root(),
        line.toArray(String[]::new),
        line.size() - 1,
        last.length(),
        String.join(" ", line).length(),
        candidates);
    candidates.stream()
        .map(candidate -> last + candidate)
        .distinct()
        .sorted()
        .forEach(candidate -> SelvageCommand.print(spec, candidate));
    SelvageCommand.print(spec, NO_FILES);
  }
}
