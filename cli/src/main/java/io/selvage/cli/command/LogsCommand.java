package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.state.MeshState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code selvage logs [WORKLOAD]}. */
@Command(
    name = "logs",
    description = "Print what the mesh, or one workload's application and proxy, wrote.")
final class LogsCommand implements Runnable {

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;

  @Option(
      names = "--tail",
      paramLabel = "N",
      description = "Lines of each, from the end (default ${DEFAULT-VALUE}).")
  private int tail = 50;

  @Parameters(arity = "0..1", paramLabel = "WORKLOAD", description = "The workload.")
  private @Nullable String workload;

  @Override
  public void run() {
    var mesh = choice.mesh();
    try {
      for (Path file : files(mesh)) {
        List<String> lines = Files.readAllLines(file);
        SelvageCommand.print(spec, SelvageCommand.style(spec).strong("== " + file));
        lines
            .subList(Math.max(0, lines.size() - tail), lines.size())
            .forEach(line -> SelvageCommand.print(spec, line));
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the logs cannot be read: " + e);
    }
  }

  private List<Path> files(MeshState mesh) throws IOException {
    Path folder = MeshChoice.directory().folder(mesh.mesh()).resolve("logs");
    String prefix = "";
    if (workload != null) {
      var found = choice.workload(mesh, workload);
      prefix = String.join(".", found.cluster(), found.namespace(), found.name()) + ".";
    }
    String start = prefix;
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(start))
          .sorted()
          .toList();
    }
  }
}
