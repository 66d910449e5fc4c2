package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.command.ProveOutput.Form;
import io.selvage.cli.prove.Selection;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.report.TrafficGraph;
import io.selvage.prove.ProvedWorkload;
import io.selvage.prove.Prover;
import io.selvage.prove.ReachReport;
import java.util.List;
import java.util.Optional;
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

  @Option(
      names = "--focus",
      paramLabel = "WORKLOAD",
      description = "In a picture: this workload, who can call it and whom it can call.")
  private @Nullable String focus;

  @Override
  public Integer call() {
    Form form =
        output.of(Form.TEXT, Form.JSON, Form.MD, Form.CSV, Form.DOT, Form.MERMAID, Form.SVG);
    Side side = ProveSides.read(spec, input.mesh());
    Optional<ProvedWorkload> focused =
        Optional.ofNullable(focus).map(name -> Selection.workload(side.mesh(), name));
    ReachReport report =
        new Prover(choice.options())
            .reach(
                side.mesh(),
                Selection.callers(side.mesh(), from),
                Selection.workloads(side.mesh(), to, ports));
    ProveAnswers.print(spec, form, side, report, TrafficGraph.of(side.mesh(), report, focused));
    return report.inconclusive().isEmpty() ? ExitCode.OK : ExitCode.INCOMPLETE;
  }
}
