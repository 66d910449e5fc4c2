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
    List<String> all = new ArrayList<>(List.of(command, "--kubeconfig", kubeconfig.toString()));
    all.addAll(Arrays.asList(arguments));
    return alone(all);
  }

  /** Runs a whole command line. */
  static CommandRun alone(List<String> line) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine command = SelvageCommand.commandLine();
    command.setOut(new PrintWriter(out));
    command.setErr(new PrintWriter(err));
    return new CommandRun(
        command.execute(line.toArray(String[]::new)), out.toString(), err.toString());
  }
}
