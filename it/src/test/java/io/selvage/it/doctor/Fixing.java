package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Check;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.fix.Consent;
import io.selvage.doctor.fix.FixJournal;
import io.selvage.doctor.fix.FixPlan;
import io.selvage.doctor.fix.FixRun;
import io.selvage.doctor.fix.Undo;
import io.selvage.doctor.kubernetes.fix.KubernetesHand;
import io.selvage.it.stage.Until;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What {@code selvage doctor --fix} and {@code selvage undo} do to one mesh, step by step. */
final class Fixing {
  private final Patient patient;
  private final String code;
  private final KubernetesHand hand;
  private final FixJournal journal;

  Fixing(Patient patient, String code) {
    this.patient = patient;
    this.code = code;
    this.hand = new KubernetesHand(patient.client(), InstantSource.system());
    this.journal = new FixJournal(patient.folder().resolve("fixes"));
  }

  /** Waits until the doctor finds it, and has its fix tried: nothing has changed then. */
  FixPlan plan() throws Exception {
    Optional<Result> found =
        Until.seen("the doctor finds " + code, this::found, Optional::isPresent);
    FixPlan plan = FixPlan.of(hand, found.orElseThrow(), declared()).orElseThrow();
    assertThat(plan.refusal()).isEmpty();
    assertThat(found()).as("nothing was changed yet").isPresent();
    return plan;
  }

  private Optional<Result> found() {
    Diagnosis diagnosis = Patient.examine(patient.look(patient.now()));
    return diagnosis.results().stream()
        .filter(one -> one.code().equals(code))
        .filter(one -> one.status() == Status.FAIL || one.status() == Status.WARN)
        .findFirst();
  }

  private FixClass declared() {
    return Catalogue.all().stream()
        .map(Check::info)
        .filter(info -> info.code().equals(code))
        .findFirst()
        .orElseThrow()
        .fix();
  }

  /** Carries it out, with a yes; gives the run's name. */
  String heal(FixPlan plan) throws Exception {
    FixJournal.Open open = journal.open(patient.now());
    FixRun.Outcome outcome =
        new FixRun(
                open,
                _ -> found().map(Result::summary),
                pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos()),
                _ -> {})
            .carryOut(plan, hand, new Consent(Set.of(code)));
    assertThat(outcome.state()).as(outcome.words()).isEqualTo(FixRun.State.HEALED);
    return open.name();
  }

  /** Takes a run back. */
  void undo(String run) throws Exception {
    assertThat(new Undo(journal).run(run, _ -> hand).orElseThrow())
        .isNotEmpty()
        .allSatisfy(outcome -> assertThat(outcome.undone()).as(outcome.words()).isTrue());
  }
}
