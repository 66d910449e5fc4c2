package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.FolderWatch;
import io.selvage.cli.prove.SideSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code --watch}: the answer again after each change. */
final class ProveWatch {
  @Option(
      names = {"-w", "--watch"},
      description = "Answer again whenever a file of a folder changes, until Ctrl-C.")
  private boolean watch;

  /** What is answered again and again. */
  interface Answer {
    int give();
  }

  /** Gives the answer, once or until it is stopped; a mistake in a file is told and waited out. */
  int run(CommandSpec spec, Answer answer, SideSource... sides) throws InterruptedException {
    if (!watch) {
      return answer.give();
    }
    List<Path> roots =
        Arrays.stream(sides).flatMap(side -> side.watched().stream()).distinct().toList();
    if (roots.isEmpty()) {
      throw new UserError(ExitCode.USAGE, "--watch needs a folder: git and clusters have no news");
    }
    try (FolderWatch folders = new FolderWatch(roots)) {
      while (true) {
        give(spec, answer);
        SelvageCommand.print(spec, SelvageCommand.style(spec).faint("-- watching"));
        folders.await();
      }
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, "what is watched can no longer be read: " + e);
    }
  }

  private static void give(CommandSpec spec, Answer answer) {
    try {
      answer.give();
    } catch (UserError e) {
      SelvageCommand.print(spec, "selvage: " + e.getMessage());
    }
  }
}
