package io.selvage.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage warm-up}: does in small what the others do, so that the AOT cache knows it. */
@Command(name = "warm-up", hidden = true, description = "Exercise what the AOT cache shall hold.")
final class WarmUpCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    SelvageCommand.print(spec, spec.root().commandLine().getUsageMessage());
  }
}
