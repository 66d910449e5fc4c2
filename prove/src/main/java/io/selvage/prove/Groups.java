package io.selvage.prove;

import io.selvage.prove.atom.Unmodelled;
import io.selvage.prove.diagram.OverBudget;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Analyses that don't depend on each other, on a few threads; each ends or is given up. */
final class Groups {
  private Groups() {}

  /**
   * The results of all groups, in their order.
   *
   * @param givenUp makes the result of a group that has none, of the reason
   */
  static <G, R> List<R> each(
      Question question,
      Collection<G> groups,
      Function<G, R> analysis,
      BiFunction<G, String, R> givenUp) {
    if (groups.isEmpty()) {
      return List.of();
    }
    ExecutorService workers =
        Executors.newFixedThreadPool(
            Math.min(question.options().threads(), groups.size()),
            task -> {
              Thread thread = new Thread(null, task, "prover", 64L << 20);
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Future<R>> futures = new ArrayList<>();
      for (G group : groups) {
        futures.add(workers.submit(() -> one(question, group, analysis, givenUp)));
      }
      List<R> results = new ArrayList<>();
      for (Future<R> future : futures) {
        results.add(result(future));
      }
      return results;
    } finally {
      workers.shutdownNow();
    }
  }

  private static <G, R> R one(
      Question question, G group, Function<G, R> analysis, BiFunction<G, String, R> givenUp) {
    long began = System.nanoTime();
    try {
      return analysis.apply(group);
    } catch (OverBudget e) {
      question.lost(System.nanoTime() - began);
      return givenUp.apply(group, String.valueOf(e.getMessage()));
    } catch (Unmodelled e) {
      return givenUp.apply(group, String.valueOf(e.getMessage()));
    } catch (StackOverflowError _) {
      return givenUp.apply(group, "a policy is nested too deep");
    }
  }

  private static <R> R result(Future<R> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException runtime) {
        throw runtime;
      }
      throw new IllegalStateException(e.getCause());
    }
  }
}
