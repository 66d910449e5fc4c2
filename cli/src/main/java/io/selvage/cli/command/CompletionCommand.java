package io.selvage.cli.command;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage completion}. */
@Command(
    name = "completion",
    description = {
      "Print a completion script for bash, zsh or fish.",
      "%nTo use it:  source <(selvage completion)%n"
          + "in fish:    selvage completion fish | source"
    })
final class CompletionCommand implements Runnable {
  /** fish asks for each word anew: the same words that kubectl's plugin gets. */
  private static final String FISH =
      """
      function __selvage_candidates
          set -l words (commandline -opc) (commandline -ct)
          selvage complete -- $words[2..-1] 2>/dev/null | string match -v ':4'
      end
      complete -c selvage -f -a '(__selvage_candidates)'
      """;

  /** The shells that there are scripts for. */
  enum Shell {
    BASH,
    ZSH,
    FISH
  }

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "SHELL", description = "bash (default), zsh or fish.")
  private Shell shell = Shell.BASH;

  @Override
  public void run() {
    SelvageCommand.print(
        spec,
        switch (shell) {
          // the one for bash is for zsh as well: it turns bashcompinit on
          case BASH, ZSH -> AutoComplete.bash("selvage", spec.root().commandLine());
          case FISH -> FISH.stripTrailing();
        });
  }
}
