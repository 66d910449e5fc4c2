package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.prove.Selection;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.SideSource;
import io.selvage.cli.prove.report.DiffText;
import io.selvage.prove.Change.Direction;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Prover;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage prove diff}. */
@Command(
    name = "diff",
    description = {
      "Show what a change newly allows and newly denies, each with a request that shows it.",
      "%nSides are folders, REF:DIR as git has it, or a cluster:%n",
      "  selvage prove diff --base main:mesh/ --head mesh/",
      "  selvage prove diff --context east --head mesh/"
    },
    footer =
        "%nExit status: 0 nothing that --fail-on names; 1 a finding; 2 the input is wrong;"
            + " 3 inconclusive.")
final class ProveDiffCommand implements Callable<Integer> {

  /** Which changes are findings. */
  enum FailOn {
    ALLOWED,
    DENIED,
    ANY,
    NONE
  }

  @Spec private CommandSpec spec;
  @Mixin private ProveInput input;
  @Mixin private ProveChoice choice;
  @Mixin private ProveOutput output;

  @Option(names = "--base", paramLabel = "SIDE", description = "What there was.")
  private @Nullable String base;

  @Option(names = "--head", paramLabel = "SIDE", description = "What there shall be.")
  private @Nullable String head;

  @Option(
      names = "--fail-on",
      paramLabel = "WHAT",
      description = "Which changes end with status 1: allowed, denied, any (default) or none.")
  private FailOn failOn = FailOn.ANY;

  @Option(
      names = "--to",
      paramLabel = "WORKLOAD",
      description = "NAMESPACE/NAME, or NAMESPACE/ for all of it; may be given many times.")
  private List<String> to = List.of();

  @Override
  public Integer call() {
    SideSource before = input.side(base, "--base");
    SideSource after = input.side(head, "--head");
    long start = System.nanoTime();
    Side baseSide = Side.read(before);
    Side headSide = Side.read(after);
    DiffReport report =
        new Prover(choice.options())
            .diff(
                baseSide.mesh(),
                headSide.mesh(),
                Selection.workloads(headSide.mesh(), to, List.of()));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    switch (output.of(ProveOutput.Form.TEXT)) {
      default ->
          new DiffText(
                  baseSide.mesh(),
                  headSide.mesh(),
                  SelvageCommand.page(),
                  SelvageCommand.style(spec))
              .lines(report, took)
              .forEach(line -> SelvageCommand.print(spec, line));
    }
    return status(report);
  }

  private int status(DiffReport report) {
    boolean found =
        report.changes().stream()
            .anyMatch(
                change ->
                    switch (failOn) {
                      case ALLOWED -> change.direction() == Direction.ALLOWED;
                      case DENIED -> change.direction() == Direction.DENIED;
                      case ANY -> true;
                      case NONE -> false;
                    });
    if (found) {
      return ExitCode.FINDINGS;
    }
    return report.inconclusive().isEmpty() ? ExitCode.OK : ExitCode.INCOMPLETE;
  }
}
