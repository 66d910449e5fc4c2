package io.selvage.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage migrate}: from a running Istio, step by step. */
@Command(
    name = "migrate",
    description = {
      "Move a cluster from Istio to Selvage, or to another root or trust domain.",
      "%nSelvage runs beside istiod on the same CA, so workloads move namespace by namespace and"
          + " back. docs/migration.md is the guide."
    },
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      MigrateStatusCommand.class,
      MigrateCheckCommand.class,
      MigrateRootCommand.class,
      MigrateTrustDomainCommand.class
    })
final class MigrateCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
