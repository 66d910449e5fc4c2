package io.selvage.cli.command;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage completion}. */
@Command(
    name = "completion",
    description = {
      "Print a completion script for bash and zsh.",
      "%nTo use it:  source <(selvage completion)"
    })
final class CompletionCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    SelvageCommand.print(spec, AutoComplete.bash("selvage", spec.root().commandLine()));
  }
}
