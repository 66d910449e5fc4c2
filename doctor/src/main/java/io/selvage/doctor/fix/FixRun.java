package io.selvage.doctor.fix;

import io.selvage.doctor.Fix;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.node.ObjectNode;

/** Carries plans out: noted, done, waited for, and looked at again. */
public final class FixRun {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration STEP = Duration.ofSeconds(1);

  private final FixJournal.Open journal;
  private final Recheck recheck;
  private final Pause pause;
  private final Consumer<String> progress;

  /** Looks at one check again, by new evidence. */
  @FunctionalInterface
  public interface Recheck {
    /** What is still wrong, in a line; empty when the check finds nothing any more. */
    Optional<String> stillWrong(FixPlan plan) throws InterruptedException;
  }

  /** Waiting, so that a test need not. */
  @FunctionalInterface
  public interface Pause {
    void pause(Duration duration) throws InterruptedException;
  }

  /**
   * What came of one plan.
   *
   * @param words why, or what is still wrong
   */
  public record Outcome(FixPlan plan, State state, String words) {}

  /** How it ended. */
  public enum State {
    /** The check finds nothing any more, and still does not a little later. */
    HEALED,
    /** It was done, but the check still finds something. */
    NOT_HEALED,
    /** Nothing was changed, and why. */
    NOT_DONE,
    /** The API server refused it. */
    FAILED
  }

  /**
   * Prepares a run.
   *
   * @param progress is told what is being done
   */
  public FixRun(FixJournal.Open journal, Recheck recheck, Pause pause, Consumer<String> progress) {
    this.journal = journal;
    this.recheck = recheck;
    this.pause = pause;
    this.progress = progress;
  }

  /**
   * Carries one plan out.
   *
   * @throws IOException when it cannot be noted: then nothing is done
   */
  public Outcome carryOut(FixPlan plan, ClusterHand cluster, Consent consent)
      throws IOException, InterruptedException {
    Optional<String> refusal = plan.refusal().or(() -> consent.refusal(plan));
    if (refusal.isPresent()) {
      return new Outcome(plan, State.NOT_DONE, refusal.get());
    }
    progress.accept(plan.fix().what());
    boolean isRestart = plan.fix() instanceof Fix.Restart;
    FixStep step =
        new FixStep(
            plan.context(), plan.code(), plan.fix().what(), isRestart, plan.before(), plan.after());
    journal.begin(step);
    try {
      Optional<ObjectNode> then = done(plan, cluster);
      journal.end(
          new FixStep(step.context(), step.code(), step.what(), isRestart, step.before(), then));
    } catch (FixFailed e) {
      if (e.isCertain()) {
        journal.dropped();
      }
      return new Outcome(plan, State.FAILED, String.valueOf(e.getMessage()));
    }
    if (plan.fix() instanceof Fix.Restart restart) {
      Optional<String> missing = cluster.settled(restart.workload());
      if (missing.isPresent()) {
        return new Outcome(plan, State.NOT_HEALED, missing.get());
      }
    }
    return healed(plan)
        .map(wrong -> new Outcome(plan, State.NOT_HEALED, wrong))
        .orElseGet(() -> new Outcome(plan, State.HEALED, "looked at again: nothing is found"));
  }

  private static Optional<ObjectNode> done(FixPlan plan, ClusterHand cluster) throws FixFailed {
    return switch (plan.fix()) {
      case Fix.Patch patch -> Optional.of(cluster.patch(patch, ClusterHand.Write.DONE));
      case Fix.Apply apply ->
          Optional.of(cluster.apply((ObjectNode) apply.object(), ClusterHand.Write.DONE));
      case Fix.Delete _ -> {
        cluster.delete(plan.before().orElseThrow(), ClusterHand.Write.DONE);
        yield Optional.empty();
      }
      case Fix.Restart restart ->
          Optional.of(cluster.restart(restart.workload(), ClusterHand.Write.DONE));
      case Fix.Command _ -> throw new IllegalStateException("a command is yours to run");
    };
  }

  /** Looks until it is well, and once more: what another writer undoes at once is not mended. */
  private Optional<String> healed(FixPlan plan) throws InterruptedException {
    long steps = PATIENCE.dividedBy(STEP);
    Optional<String> wrong = recheck.stillWrong(plan);
    for (long i = 0; i < steps && wrong.isPresent(); i++) {
      pause.pause(STEP);
      wrong = recheck.stillWrong(plan);
    }
    if (wrong.isPresent()) {
      return wrong;
    }
    pause.pause(STEP.multipliedBy(3));
    return recheck.stillWrong(plan).map(again -> "it was well, and is wrong again: " + again);
  }
}
