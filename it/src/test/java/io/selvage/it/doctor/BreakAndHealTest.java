package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Check;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.fix.Consent;
import io.selvage.doctor.fix.FixJournal;
import io.selvage.doctor.fix.FixPlan;
import io.selvage.doctor.fix.FixRun;
import io.selvage.doctor.kubernetes.fix.KubernetesHand;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A mesh is broken in one way: the doctor finds that, and nothing else; the same from a bundle;
 * what it offers or tells heals it; and then it is silent again.
 */
@Tag("real")
@Execution(ExecutionMode.SAME_THREAD) // whole clusters: no two such classes at a time
@Timeout(value = 400, unit = TimeUnit.SECONDS)
final class BreakAndHealTest {
  private static final Opened OPENED = new Opened();

  @AfterAll
  static void stop() {
    OPENED.close();
  }

  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  DynamicContainer istio() throws Exception {
    return each(Patient.Mesh.ISTIO);
  }

  @TestFactory
  @Execution(ExecutionMode.CONCURRENT)
  DynamicContainer selvage() throws Exception {
    return each(Patient.Mesh.SELVAGE);
  }

  private static DynamicContainer each(Patient.Mesh mesh) throws Exception {
    Patient patient = OPENED.add(Patient.with(mesh));
    Refusals.cause(patient); // the first of those that SLV5004 finds lasting
    return InTurn.of(
        mesh,
        Breakages.on(mesh)
            .map(
                one ->
                    DynamicTest.dynamicTest(
                        one.code() + ": " + one.what(), () -> breakAndHeal(patient, one))));
  }

  static void breakAndHeal(Patient patient, Breakage breakage) throws Exception {
    try {
      brokenAndHealed(patient, breakage);
    } catch (Exception | AssertionError e) {
      tidy(patient, breakage, e);
      throw e;
    }
  }

  /** So that the next row finds a mesh that is whole. */
  private static void tidy(Patient patient, Breakage breakage, Throwable failure) {
    Breakage.Act heals =
        switch (breakage.heals()) {
          case Breakage.Heal.ByHand(Breakage.Act act) -> act;
          case Breakage.Heal.ByItsFix(Breakage.Act then) -> then;
        };
    for (Breakage.Act act : List.of(heals, breakage.after())) {
      try {
        act.on(patient);
      } catch (Exception | AssertionError e) {
        failure.addSuppressed(e);
      }
    }
  }

  private static void brokenAndHealed(Patient patient, Breakage breakage) throws Exception {
    Instant begun = patient.now();
    breakage.breaks().on(patient);
    Evidence broken =
        Until.seen(
                "the doctor says " + breakage.expected(),
                () -> Seen.of(look(patient, breakage, begun)),
                seen -> seen.open().equals(breakage.expected()))
            .evidence();
    Diagnosis diagnosis = Patient.examine(broken);
    assertThat(Patient.examine(patient.bundled(broken)).results())
        .as("the same from a bundle")
        .usingRecursiveComparison()
        .isEqualTo(diagnosis.results());
    switch (breakage.heals()) {
      case Breakage.Heal.ByHand(Breakage.Act act) -> act.on(patient);
      case Breakage.Heal.ByItsFix(Breakage.Act then) -> {
        fix(patient, breakage.code(), diagnosis);
        then.on(patient);
      }
    }
    Instant healed = patient.now();
    Until.seen(
        "the doctor is silent again",
        () -> Patient.open(Patient.examine(patient.look(healed))),
        Set::isEmpty);
    breakage.after().on(patient);
  }

  private static Evidence look(Patient patient, Breakage breakage, Instant begun) {
    return breakage.sinceStart()
        ? Aged.before(patient.turnedAfter(begun), patient.look(patient.started()))
        : patient.look(begun);
  }

  /** Evidence, which a failure shows by what is said of it. */
  record Seen(Evidence evidence, Set<String> open) {
    static Seen of(Evidence evidence) {
      return new Seen(evidence, Patient.open(Patient.examine(evidence)));
    }

    @Override
    public String toString() {
      return open.toString();
    }
  }

  /** What {@code selvage doctor --fix=CODE --yes} does. */
  static void fix(Patient patient, String code, Diagnosis diagnosis) throws Exception {
    List<Result> found =
        diagnosis.results().stream()
            .filter(one -> one.code().equals(code))
            .filter(one -> one.status() == Status.FAIL || one.status() == Status.WARN)
            .toList();
    KubernetesHand hand = new KubernetesHand(patient.client(), InstantSource.system());
    FixRun run =
        new FixRun(
            new FixJournal(patient.folder().resolve("fixes")).open(patient.now()),
            plan -> stillWrong(patient, plan.code()),
            pause -> TimeUnit.NANOSECONDS.sleep(pause.toNanos()),
            _ -> {});
    for (Result result : found) {
      Optional<FixPlan> plan = FixPlan.of(hand, result, declared(code));
      assertThat(plan).as("%s offers a fix: %s", code, result).isPresent();
      assertThat(run.carryOut(plan.get(), hand, new Consent(Set.of(code))))
          .satisfies(
              outcome ->
                  assertThat(outcome.state()).as(outcome.words()).isEqualTo(FixRun.State.HEALED));
    }
  }

  private static Optional<String> stillWrong(Patient patient, String code) {
    return Patient.examine(patient.look(patient.now())).results().stream()
        .filter(one -> one.code().equals(code) && one.status() == Status.FAIL)
        .map(Result::summary)
        .findFirst();
  }

  private static FixClass declared(String code) {
    return Catalogue.all().stream()
        .map(Check::info)
        .filter(info -> info.code().equals(code))
        .findFirst()
        .orElseThrow()
        .fix();
  }
}
