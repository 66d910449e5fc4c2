package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.Selection;
import io.selvage.cli.prove.report.ReachText;
import io.selvage.prove.Prover;
import io.selvage.prove.ReachReport;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage prove reach}. */
@Command(
    name = "reach",
    description = {
      "Show who can talk to whom, and under which conditions.",
      "%nBy workload and port: the callers, known and unknown, what their requests must be like,"
          + " and one that is let in."
    },
    footer = "%nExit status: 2 the input is wrong; 3 inconclusive somewhere.")
final class ProveReachCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ProveInput input;
  @Mixin private ProveChoice choice;
  @Mixin private ProveOutput output;

  @Option(
      names = "--from",
      paramLabel = "CALLER",
      description =
          "NAMESPACE/SERVICEACCOUNT, a whole identity, or plaintext: only what this caller may do.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "WORKLOAD",
      description = "NAMESPACE/NAME, or NAMESPACE/ for all of it; may be given many times.")
  private List<String> to = List.of();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Only this port of the workloads; may be given many times.")
  private List<Integer> ports = List.of();

  @Override
  public Integer call() {
    Side side = Side.read(input.mesh());
    ReachReport report =
        new Prover(choice.options())
            .reach(
                side.mesh(),
                Selection.callers(side.mesh(), from),
                Selection.workloads(side.mesh(), to, ports));
    switch (output.of(ProveOutput.Form.TEXT)) {
      default ->
          new ReachText(side.mesh(), SelvageCommand.page(), SelvageCommand.style(spec))
              .lines(report)
              .forEach(line -> SelvageCommand.print(spec, line));
    }
    return report.inconclusive().isEmpty() ? ExitCode.OK : ExitCode.INCOMPLETE;
  }
}
