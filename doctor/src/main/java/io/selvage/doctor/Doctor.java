package io.selvage.doctor;

import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks checks about evidence: side by side, and none is lost. */
public final class Doctor {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<Check> checks;
  private final Ignored ignored;
  private final Duration limit;

  /** Asks all of {@code checks}, in their order. */
  public Doctor(List<Check> checks) {
    this(checks, Ignored.NOTHING);
  }

  /**
   * @param ignored what the users know already
   */
  public Doctor(List<Check> checks, Ignored ignored) {
    this(checks, ignored, LIMIT);
  }

  /**
   * @param limit how long one check may think
   */
  Doctor(List<Check> checks, Ignored ignored, Duration limit) {
    this.checks = List.copyOf(checks);
    this.ignored = ignored;
    this.limit = limit;
  }

  /** What all of them say. A check that breaks says UNKNOWN, with what broke. */
  public Diagnosis examine(Evidence evidence) {
    var asked = new ArrayList<Question>();
    for (Check check : checks) {
      switch (check) {
        case Check.OfCluster one ->
            evidence.clusters().forEach(cluster -> asked.add(question(one, cluster)));
        case Check.OfMesh one -> asked.add(question(one, evidence));
      }
    }
    var results = new ArrayList<Result>();
    var executor = Executors.newVirtualThreadPerTaskExecutor();
    try {
      var answers = asked.stream().map(one -> executor.submit(one.answer())).toList();
      for (int i = 0; i < asked.size(); i++) {
        results.addAll(answer(asked.get(i), answers.get(i)));
      }
    } finally {
      executor.shutdownNow(); // a check that thinks on is not waited for
    }
    return Diagnosis.of(evidence, checks.stream().map(Check::info).toList(), results, ignored);
  }

  private static Question question(Check.OfCluster check, ClusterEvidence cluster) {
    Optional<String> context = Optional.of(cluster.context());
    return new Question(
        check.info(),
        context,
        () -> {
          var results = new Results(check.info(), context);
          check.question().ask(cluster, results);
          return results.all();
        });
  }

  private static Question question(Check.OfMesh check, Evidence evidence) {
    return new Question(
        check.info(),
        Optional.empty(),
        () -> {
          var results = new Results(check.info(), Optional.empty());
          check.question().ask(evidence, results);
          return results.all();
        });
  }

  private List<Result> answer(Question question, Future<List<Result>> answer) {
    try {
      List<Result> said = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return said.isEmpty() ? question.unknown("the check said nothing: a mistake of ours") : said;
    } catch (ExecutionException e) {
      return question.unknown(
          "the check itself broke, a mistake of ours, please report it: " + place(e));
    } catch (TimeoutException _) {
      answer.cancel(true);
      return question.unknown("the check took longer than " + limit.toSeconds() + " s");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return question.unknown("it was interrupted");
    }
  }

  /** What broke, and where. */
  private static String place(ExecutionException e) {
    Throwable broken = e.getCause() == null ? e : e.getCause();
    var trace = broken.getStackTrace();
    return broken + (trace.length == 0 ? "" : " at " + trace[0]);
  }

  /** One check, asked about one cluster or about all. */
  private record Question(
      CheckInfo check, Optional<String> context, Callable<List<Result>> answer) {
    List<Result> unknown(String why) {
      var results = new Results(check, context);
      results.unknown(why);
      return results.all();
    }
  }
}
