package io.selvage.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage prove}. */
@Command(
    name = "prove",
    description = {
      "Prove who can talk to whom, and what a change of policy newly allows or denies.",
      "%nExact, of every request that there could be; each finding comes with a request that shows"
          + " it, replayed by the evaluator that enforces policy:%n",
      "  selvage prove reach -f mesh/ --to payments/ledger",
      "  selvage prove diff --base main:mesh/ --head mesh/"
    },
    footer =
        "%nExit status: 0 it holds, nothing changed; 1 a finding; 2 the input is wrong;"
            + " 3 inconclusive.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ProveReachCommand.class,
      ProveDiffCommand.class,
      ProveCheckCommand.class,
      ProveLintCommand.class,
      ProveExplainCommand.class
    })
final class ProveCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
