package io.selvage.prove;

import io.selvage.prove.atom.Unmodelled;
import io.selvage.prove.diagram.OverBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;

/** Analyses that don't depend on each other, on a few threads; each ends or is given up. */
final class Groups {
  /** How many results may wait, for each thread, until those before them have been taken. */
  private static final int AHEAD = 32;

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
    List<R> results = new ArrayList<>(groups.size());
    each(question, groups, analysis, givenUp, results::add);
    return results;
  }

  /** As {@link #each}, each result to {@code taken}, in order, so that not all need be kept. */
  static <G, R> void each(
      Question question,
      Collection<G> groups,
      Function<G, R> analysis,
      BiFunction<G, String, R> givenUp,
      Consumer<R> taken) {
    if (groups.isEmpty()) {
      return;
    }
    int threads = Math.min(question.options().threads(), groups.size());
    ExecutorService workers =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(null, task, "prover", 64L << 20);
              thread.setDaemon(true);
              return thread;
            });
    try {
      Deque<Future<R>> underWay = new ArrayDeque<>();
      for (G group : groups) {
        if (underWay.size() == AHEAD * threads) {
          taken.accept(result(underWay.removeFirst()));
        }
        underWay.add(workers.submit(() -> one(question, group, analysis, givenUp)));
      }
      while (!underWay.isEmpty()) {
        taken.accept(result(underWay.removeFirst()));
      }
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
    } catch (OutOfMemoryError _) { // what it took is free again: nothing else has it
      question.lost(System.nanoTime() - began);
      return givenUp.apply(group, "it takes more memory than there is");
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
