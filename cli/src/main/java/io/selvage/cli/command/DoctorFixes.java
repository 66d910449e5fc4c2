package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.terminal.Style;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Result;
import io.selvage.doctor.fix.Consent;
import io.selvage.doctor.fix.FixJournal;
import io.selvage.doctor.fix.FixPlan;
import io.selvage.doctor.fix.FixRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** {@code selvage doctor --fix}: shows each change, asks, makes it, and looks again. */
final class DoctorFixes {
  private final CommandSpec spec;
  private final DoctorRun run;
  private final DoctorSource source;
  private final DoctorFixChoice choice;
  private final Consent consent;
  private final FixJournal notes;
  private final FixRun.Pause pause;
  private final Style style;

  /**
   * For one run.
   *
   * @param notes where it is noted
   * @param pause before a check looks once more
   */
  DoctorFixes(
      CommandSpec spec,
      DoctorRun run,
      DoctorSource source,
      DoctorFixChoice choice,
      FixJournal notes,
      FixRun.Pause pause) {
    this.notes = notes;
    this.pause = pause;
    this.spec = spec;
    this.run = run;
    this.source = source;
    this.choice = choice;
    this.consent = choice.consent();
    this.style = SelvageCommand.style(spec);
  }

  /** Where runs are noted, so that {@code selvage undo} can take them back. */
  static FixJournal journal() {
    return new FixJournal(MeshChoice.home().resolve(Path.of(".selvage", "fixes")));
  }

  /** Mends what may be mended; the exit status is that of a look afterwards. */
  int mend() throws InterruptedException {
    Diagnosis before = run.diagnosis(source);
    List<FixPlan> plans = plans(before);
    if (plans.isEmpty()) {
      run.show(before);
      SelvageCommand.print(spec, "", "Nothing of this can be mended by " + asked());
      return run.exitCode(before);
    }
    var journal = notes.open(InstantSource.system().instant());
    var fixRun = new FixRun(journal, this::stillWrong, pause, _ -> {});
    boolean isDone = true;
    for (FixPlan plan : plans) {
      show(plan);
      if (!choice.isDry()) {
        isDone &= carryOut(plan, fixRun);
      }
    }
    if (choice.isDry()) {
      SelvageCommand.print(spec, "", "Nothing was changed (--dry-run).");
      return run.exitCode(before);
    }
    if (!journal.isEmpty()) {
      SelvageCommand.print(
          spec, "", "To take it back: " + style.command("selvage undo " + journal.name()));
    }
    Diagnosis after = run.diagnosis(source);
    SelvageCommand.print(spec, "");
    run.show(after);
    int code = run.exitCode(after);
    return isDone || code != ExitCode.OK ? code : ExitCode.FINDINGS;
  }

  private String asked() {
    return consent.codes().isEmpty() ? "--fix alone" : "--fix=" + String.join(",", consent.codes());
  }

  private List<FixPlan> plans(Diagnosis diagnosis) {
    List<FixPlan> plans = new ArrayList<>();
    for (Finding finding : diagnosis.all()) {
      Optional<String> context = finding.result().context();
      if (finding.isOpen()
          && context.isPresent()
          && consent.covers(finding.result().code(), finding.check().fix())) {
        FixPlan.of(source.hand(context.get()), finding.result(), finding.check().fix())
            .filter(plan -> plans.stream().noneMatch(other -> other.fix().equals(plan.fix())))
            .ifPresent(plans::add);
      }
    }
    return plans;
  }

  private void show(FixPlan plan) {
    SelvageCommand.print(
        spec, "", style.strong(plan.code()) + " in " + plan.context() + ": " + plan.fix().what());
    if (plan.fix() instanceof Fix.Command command) {
      SelvageCommand.print(spec, "  yours to run:  " + style.command(command.command()));
    }
    plan.diff().forEach(line -> SelvageCommand.print(spec, "  " + line));
  }

  private boolean carryOut(FixPlan plan, FixRun fixRun) throws InterruptedException {
    if (plan.fix() instanceof Fix.Command) {
      return false;
    }
    if (plan.refusal().isEmpty() && plan.needs() == FixClass.CONSENTED && !choice.saidYes()) {
      Optional<Boolean> answer = ConsentChoice.answer(spec, "Do this?");
      if (!answer.orElse(false)) {
        SelvageCommand.print(
            spec,
            "  "
                + style.warning(
                    answer.isPresent()
                        ? "not done"
                        : "not done: it alters traffic or security, and nobody can be asked; --yes"
                            + " says yes"));
        return false;
      }
    }
    try {
      FixRun.Outcome outcome = fixRun.carryOut(plan, source.hand(plan.context()), consent);
      SelvageCommand.print(spec, "  " + said(outcome));
      return outcome.state() == FixRun.State.HEALED;
    } catch (IOException e) {
      throw new UserError(
          ExitCode.INTERNAL,
          "the change could not be noted, so it was not made: " + e.getMessage());
    }
  }

  private String said(FixRun.Outcome outcome) {
    return switch (outcome.state()) {
      case HEALED -> style.good("healed: " + outcome.words());
      case NOT_HEALED -> style.bad("done, but not healed: " + outcome.words());
      case NOT_DONE -> style.warning("not done: " + outcome.words());
      case FAILED -> style.bad("refused: " + outcome.words());
    };
  }

  /** Looks again, and says what the same check still finds there. */
  private Optional<String> stillWrong(FixPlan plan) throws InterruptedException {
    return run.diagnosis(run.seen(source)).all().stream()
        .filter(Finding::isOpen)
        .map(Finding::result)
        .filter(result -> result.code().equals(plan.code()))
        .filter(result -> result.context().equals(Optional.of(plan.context())))
        .filter(result -> concerns(result, plan))
        .map(Result::summary)
        .findFirst();
  }

  /** Another finding of the same check is another fix's. */
  private static boolean concerns(Result result, FixPlan plan) {
    return result.fix().map(fix -> sameObject(fix, plan.fix())).orElse(true);
  }

  private static boolean sameObject(Fix one, Fix other) {
    return switch (one) {
      case Fix.Patch patch ->
          other instanceof Fix.Patch(_, _, var object, _) && patch.object().equals(object);
      case Fix.Delete delete ->
          other instanceof Fix.Delete(_, _, var object) && delete.object().equals(object);
      case Fix.Restart restart ->
          other instanceof Fix.Restart(_, var workload) && restart.workload().equals(workload);
      case Fix.Apply apply ->
          other instanceof Fix.Apply(_, var object)
              && apply.object().at("/metadata").equals(object.at("/metadata"));
      case Fix.Command _ -> true;
    };
  }
}
