package io.selvage.cli.command;

import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.SideSource;
import io.selvage.model.Problem;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Reads sides, and says on standard error what of them does something else than it seems to. */
final class ProveSides {
  private static final int SHOWN = 10;

  private ProveSides() {}

  static Side read(CommandSpec spec, SideSource source) {
    Side side = Side.read(source);
    List<Problem> warnings = side.warnings();
    PrintWriter err = spec.commandLine().getErr();
    warnings.stream()
        .limit(SHOWN)
        .forEach(warning -> err.println("! " + warning.code() + " " + warning.render()));
    if (warnings.size() > SHOWN) {
      err.println("! and %d more warnings".formatted(warnings.size() - SHOWN));
    }
    err.flush();
    return side;
  }
}
