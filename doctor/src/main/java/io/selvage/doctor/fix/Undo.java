package io.selvage.doctor.fix;

import io.selvage.doctor.Fix;
import io.selvage.doctor.ObjectRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes a run of fixes back, the latest step first. What somebody changed since is left as it is,
 * and said.
 */
public final class Undo {
  private static final Set<String> SERVERS =
      Set.of(
          "managedFields",
          "resourceVersion",
          "generation",
          "uid",
          "creationTimestamp",
          "deletionTimestamp");

  private final FixJournal journal;

  /** Of a journal. */
  public Undo(FixJournal journal) {
    this.journal = journal;
  }

  /**
   * What came of one step.
   *
   * @param undone whether it is as it was before
   * @param words what was done, or why not
   */
  public record Outcome(FixStep step, boolean undone, String words) {}

  /**
   * Undoes a run; one that is undone whole is forgotten.
   *
   * @param clusters by context
   * @return empty when there is no such run
   */
  public Optional<List<Outcome>> run(String name, Function<String, ClusterHand> clusters)
      throws IOException {
    Optional<FixJournal.Run> run = journal.read(name);
    if (run.isEmpty()) {
      return Optional.empty();
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (FixStep step : run.get().steps().reversed()) {
      outcomes.add(undone(step, clusters.apply(step.context())));
    }
    if (outcomes.stream().allMatch(Outcome::undone)) {
      journal.remove(name);
    }
    return Optional.of(List.copyOf(outcomes));
  }

  private static Outcome undone(FixStep step, ClusterHand cluster) {
    if (step.restart()) {
      return new Outcome(step, true, "Pods were made anew: there is nothing to undo");
    }
    try {
      if (step.before().isPresent() && step.after().isPresent()) {
        return changedBack(step, step.before().get(), step.after().get(), cluster);
      }
      if (step.after().isPresent()) {
        return removed(step, step.after().get(), cluster);
      }
      return madeAgain(step, step.before().orElseThrow(), cluster);
    } catch (FixFailed e) {
      return new Outcome(step, false, String.valueOf(e.getMessage()));
    }
  }

  private static Outcome changedBack(
      FixStep step, ObjectNode before, ObjectNode after, ClusterHand cluster) throws FixFailed {
    ObjectRef object = FixPlan.reference(after);
    String version = after.path("apiVersion").asString("");
    Optional<ObjectNode> is = cluster.read(version, object);
    if (is.isEmpty()) {
      return new Outcome(step, false, object + " is not there any more");
    }
    List<Difference> made = Difference.between(before, after);
    boolean touched =
        made.stream()
            .anyMatch(
                each ->
                    !each.after()
                        .map(value -> value.equals(is.get().at(each.path())))
                        .orElseGet(() -> is.get().at(each.path()).isMissingNode()));
    if (touched) {
      return new Outcome(step, false, object + " was changed since: it is left as it is");
    }
    cluster.patch(
        new Fix.Patch("undo", version, object, Difference.back(made)), ClusterHand.Write.DONE);
    return new Outcome(step, true, object + " is as it was");
  }

  private static Outcome removed(FixStep step, ObjectNode after, ClusterHand cluster)
      throws FixFailed {
    ObjectRef object = FixPlan.reference(after);
    Optional<ObjectNode> is = cluster.read(after.path("apiVersion").asString(""), object);
    if (is.isEmpty()) {
      return new Outcome(step, true, object + " is gone already");
    }
    if (!Difference.between(after, is.get()).isEmpty()) {
      return new Outcome(step, false, object + " was changed since: it is left as it is");
    }
    cluster.delete(is.get(), ClusterHand.Write.DONE);
    return new Outcome(step, true, object + " was made by the fix, and is gone");
  }

  private static Outcome madeAgain(FixStep step, ObjectNode before, ClusterHand cluster)
      throws FixFailed {
    ObjectRef object = FixPlan.reference(before);
    if (cluster.read(before.path("apiVersion").asString(""), object).isPresent()) {
      return new Outcome(step, true, object + " was made again already: it is left as it is");
    }
    ObjectNode fresh = before.deepCopy();
    fresh.remove("status");
    if (fresh.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove(SERVERS);
    }
    cluster.apply(fresh, ClusterHand.Write.DONE);
    return new Outcome(step, true, object + " is there again");
  }
}
