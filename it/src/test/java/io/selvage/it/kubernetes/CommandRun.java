package io.selvage.it.kubernetes;

import io.selvage.cli.command.SelvageCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;

/** How a command of {@code selvage}, run in this process, ended and what it said. */
record CommandRun(int exit, String out, String err) {

  /** Runs it with that kubeconfig. */
  static CommandRun of(Path kubeconfig, String command, String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine line = SelvageCommand.commandLine();
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(command, "--kubeconfig", kubeconfig.toString()));
    all.addAll(Arrays.asList(arguments));
    return new CommandRun(line.execute(all.toArray(String[]::new)), out.toString(), err.toString());
  }
}
