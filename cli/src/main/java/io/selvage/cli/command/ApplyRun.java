package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.prove.AssertionCheck;
import io.selvage.cli.prove.DemandGate;
import io.selvage.cli.prove.FolderSide;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.report.CheckText;
import io.selvage.cli.prove.report.DiffText;
import io.selvage.cli.terminal.Style;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Prover;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** Shown, judged, agreed, applied: the steps of {@code selvage apply}, in this order. */
final class ApplyRun {
  private final CommandSpec spec;
  private final ConsentChoice consent;
  private final ProveChoice proof;
  private final boolean force;
  private final Style style;

  ApplyRun(CommandSpec spec, ConsentChoice consent, ProveChoice proof, boolean force) {
    this.spec = spec;
    this.consent = consent;
    this.proof = proof;
    this.force = force;
    this.style = SelvageCommand.style(spec);
  }

  /** The exit status. */
  int run(ApplyTarget target) {
    Side now = target.now();
    Side then = target.then();
    List<String> plan = target.plan();
    if (plan.isEmpty()) {
      say("Nothing to change.");
      return ExitCode.OK;
    }
    DiffReport report = shown(now, then);
    DemandGate gate = judged(target, now.mesh(), then.mesh());
    say("");
    plan.forEach(line -> say("  " + line));
    int verdict = verdict(report, gate);
    if (verdict != ExitCode.OK && !force) {
      return verdict;
    }
    if (consent.isDry()) {
      return verdict;
    }
    if (!consent.agreed(spec, "Apply?")) {
      say("Nothing was changed.");
      return ExitCode.INTERRUPTED;
    }
    say(style.good(target.apply()));
    return ExitCode.OK;
  }

  private DiffReport shown(Side now, Side then) {
    long start = System.nanoTime();
    DiffReport report = new Prover(proof.options()).diff(now.mesh(), then.mesh());
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    new DiffText(now.mesh(), then.mesh(), SelvageCommand.page(), style)
        .lines(report, took)
        .forEach(this::say);
    return report;
  }

  private DemandGate judged(ApplyTarget target, Mesh now, Mesh then) {
    DemandGate gate = DemandGate.of(target.demands(), check(now), check(then));
    if (!gate.refusing().isEmpty()) {
      say("");
      new CheckText(SelvageCommand.page(), style).lines(gate.refusing()).forEach(this::say);
    }
    gate.already()
        .forEach(
            one ->
                say(
                    style.warning(
                        "assertion %s doesn't hold without the change either"
                            .formatted(one.assertion().id()))));
    if (gate.held() > 0) {
      say(style.good("%d assertions hold with the change".formatted(gate.held())));
    }
    return gate;
  }

  private AssertionCheck check(Mesh mesh) {
    return new AssertionCheck(
        mesh,
        proof::options,
        named -> new FolderSide(List.of(Path.of(named)), false),
        LocalDate.now(ZoneOffset.UTC));
  }

  private int verdict(DiffReport report, DemandGate gate) {
    if (!gate.isOpen()) {
      say(style.bad("SLV9415 assertions would no longer hold" + although()));
      return ExitCode.FINDINGS;
    }
    if (!report.inconclusive().isEmpty()) {
      say(style.bad("SLV9412 what the change does is not decided everywhere" + although()));
      return ExitCode.INCOMPLETE;
    }
    return ExitCode.OK;
  }

  private String although() {
    return force ? "; --force was given" : ", so nothing is applied; --force does it nevertheless";
  }

  private void say(String line) {
    SelvageCommand.print(spec, line);
  }
}
