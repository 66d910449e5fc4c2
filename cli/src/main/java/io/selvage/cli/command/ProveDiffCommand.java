package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.command.ProveOutput.Form;
import io.selvage.cli.prove.Selection;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.SideSource;
import io.selvage.cli.prove.report.TrafficGraph;
import io.selvage.prove.Change.Direction;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Prover;
import io.selvage.prove.SourceSelection;
import io.selvage.prove.WorkloadSelection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
  @Mixin private ProveWatch watch;

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

  @Option(
      names = "--focus",
      paramLabel = "WORKLOAD",
      description = "In a picture: this workload, who can call it and whom it can call.")
  private @Nullable String focus;

  @Override
  public Integer call() throws InterruptedException {
    Form form =
        output.of(
            Form.TEXT,
            Form.JSON,
            Form.SARIF,
            Form.JUNIT,
            Form.GITHUB,
            Form.MD,
            Form.CSV,
            Form.DOT,
            Form.MERMAID,
            Form.SVG);
    SideSource before = input.side(base, "--base");
    SideSource after = input.side(head, "--head");
    Prover prover = new Prover(choice.options());
    return watch.run(spec, () -> answer(prover, form, before, after), before, after);
  }

  private int answer(Prover prover, Form form, SideSource before, SideSource after) {
    long start = System.nanoTime();
    Side old = Side.read(before);
    Side fresh = ProveSides.read(spec, after);
    WorkloadSelection scope = Selection.workloads(fresh.mesh(), to, List.of());
    DiffReport report = prover.diff(old.mesh(), fresh.mesh(), scope);
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    ProveAnswers.print(
        spec, form, old, fresh, report, took, () -> graph(prover, old.mesh(), fresh.mesh(), scope));
    return status(report);
  }

  private TrafficGraph graph(Prover prover, Mesh old, Mesh fresh, WorkloadSelection scope) {
    SourceSelection anybody = new SourceSelection.Anybody();
    return TrafficGraph.of(
        old,
        prover.reach(old, anybody, scope),
        fresh,
        prover.reach(fresh, anybody, scope),
        Optional.ofNullable(focus).map(name -> Selection.workload(fresh, name)));
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
