package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.SideSource;
import io.selvage.prove.LintFinding.Kind;
import io.selvage.prove.LintReport;
import io.selvage.prove.Prover;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage prove lint}. */
@Command(
    name = "lint",
    description = {
      "Find rules that do nothing, or more than they seem to.",
      "%nRules that no request can match, that others deny, that select no workload, that others"
          + " cover (with --redundant); rules that let callers without an identity in; and what"
          + " such callers may do."
    },
    footer = "%nExit status: 0 nothing found; 1 a finding; 2 the input is wrong; 3 inconclusive.")
final class ProveLintCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ProveInput input;
  @Mixin private ProveChoice choice;
  @Mixin private ProveOutput output;
  @Mixin private ProveWatch watch;

  @Option(
      names = "--redundant",
      description = "Also rules that other rules cover: harmless, and often meant.")
  private boolean redundant;

  @Option(
      names = "--only",
      paramLabel = "KIND",
      split = ",",
      description = "Only these kinds: ${COMPLETION-CANDIDATES}.")
  private Set<Kind> only = Set.of();

  @Override
  public Integer call() throws InterruptedException {
    SideSource source = input.mesh();
    Prover prover = new Prover(choice.options());
    return watch.run(spec, () -> answer(prover, source), source);
  }

  private int answer(Prover prover, SideSource source) {
    Side side = ProveSides.read(spec, source);
    LintReport report = wanted(prover.lint(side.mesh()));
    ProveAnswers.print(spec, output, side, report);
    if (!report.findings().isEmpty()) {
      return ExitCode.FINDINGS;
    }
    return report.inconclusive().isEmpty() ? ExitCode.OK : ExitCode.INCOMPLETE;
  }

  private LintReport wanted(LintReport report) {
    return new LintReport(
        report.findings().stream()
            .filter(one -> only.isEmpty() || only.contains(one.kind()))
            .filter(one -> redundant || !only.isEmpty() || one.kind() != Kind.REDUNDANT)
            .toList(),
        report.plaintext(),
        report.inconclusive(),
        report.assumes(),
        report.effort());
  }
}
