package io.selvage.it.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks several subjects the same generated sets. The first says what is right; where another
 * disagrees, set and request are cut down as far as the two still disagree, and written as a
 * conformance case for a person to take over.
 */
final class DifferentialRun implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int MOST_DISAGREEMENTS = 20;
  private static final int MOST_STEPS = 400;
  private static final int CLIENTS = 4;

  private final List<Subject> subjects;
  private final Path folder;
  private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
  private final Map<String, String> disagreements = new TreeMap<>();
  private final Map<String, Long> kinds = new TreeMap<>();
  private long sets;
  private long refused;
  private long questions;
  private long pairs;

  /**
   * A run.
   *
   * @param subjects at least two; the first is right
   * @param folder where cases are written
   */
  DifferentialRun(List<Subject> subjects, Path folder) {
    this.subjects = List.copyOf(subjects);
    this.folder = folder;
  }

  /** What was found, by the names of the cases that were written. */
  Map<String, String> disagreements() {
    return disagreements;
  }

  /** How much was asked. */
  String summary() {
    return "%d sets (%d more were refused by the model), %d requests %s, %d pairs of verdicts, %d disagreements"
        .formatted(sets, refused, questions, kinds, pairs, disagreements.size());
  }

  /** How many requests were asked about. */
  long questions() {
    return questions;
  }

  /** Generates, asks and compares one set. */
  void step(long seed, int requests) throws Exception {
    Map<String, Object> tree = new SetGenerator(seed).set(requests);
    Optional<CaseSet> set = parsed(tree);
    if (set.isEmpty()) {
      refused++;
      return;
    }
    sets++;
    for (Subject subject : subjects) {
      subject.apply(set.get());
    }
    List<Disagreement> found = new ArrayList<>();
    for (Answers answers : asked(set.get())) {
      questions++;
      String right = answers.verdicts().getFirst().get();
      kinds.merge(right.split(" ", 2)[0], 1L, Long::sum);
      for (int i = 1; i < subjects.size(); i++) {
        if (KnownDifferences.of(subjects.get(i), set.get(), answers.one().request()).isEmpty()) {
          pairs++;
          if (!answers.verdicts().get(i).get().equals(right)) {
            found.add(new Disagreement(answers.request(), subjects.get(i)));
          }
        }
      }
    }
    for (Disagreement each : found) {
      found(tree, each.request(), each.subject(), seed);
    }
  }

  private record Answers(int request, Case one, List<Future<String>> verdicts) {}

  private record Disagreement(int request, Subject subject) {}

  /** Every case that all can be asked, of all. */
  private List<Answers> asked(CaseSet set) {
    List<Answers> all = new ArrayList<>();
    for (int i = 0; i < set.cases().size(); i++) {
      Case one = set.cases().get(i);
      if (subjects.stream().allMatch(subject -> subject.cannot(set, one).isEmpty())) {
        List<Future<String>> verdicts = new ArrayList<>();
        subjects.forEach(subject -> verdicts.add(clients.submit(() -> verdict(subject, one))));
        all.add(new Answers(i, one, verdicts));
      }
    }
    return all;
  }

  @Override
  public void close() {
    clients.shutdownNow();
  }

  private void found(Map<String, Object> tree, int request, Subject subject, long seed)
      throws Exception {
    if (disagreements.size() >= MOST_DISAGREEMENTS) {
      return;
    }
    Map<String, Object> alone = new LinkedHashMap<>(tree);
    alone.put("cases", List.of(list(tree.get("cases")).get(request)));
    var shrinking = new Shrinking(candidate -> disagree(candidate, subject), MOST_STEPS);
    Map<String, Object> least = shrinking.shrunk(alone);
    write(least, subject, seed, request);
  }

  /** Whether the two still decide differently; false for what is no set any more. */
  private boolean disagree(Map<String, Object> tree, Subject subject) throws Exception {
    Optional<CaseSet> set = parsed(tree);
    if (set.isEmpty()) {
      return false;
    }
    Subject right = subjects.getFirst();
    Case one = set.get().cases().getFirst();
    if (right.cannot(set.get(), one).isPresent() || subject.cannot(set.get(), one).isPresent()) {
      return false;
    }
    right.apply(set.get());
    subject.apply(set.get());
    return !verdict(right, one).equals(verdict(subject, one));
  }

  private void write(Map<String, Object> tree, Subject subject, long seed, int request)
      throws Exception {
    CaseSet set = parsed(tree).orElseThrow();
    Case one = set.cases().getFirst();
    Subject right = subjects.getFirst();
    right.apply(set);
    subject.apply(set);
    Outcome expected = right.ask(one);
    String what =
        "%s says %s, %s says %s (seed %d, request %d)"
            .formatted(
                right.name(),
                verdict(expected),
                subject.name(),
                verdict(subject, one),
                seed,
                request);
    Map<String, Object> written = new LinkedHashMap<>(tree);
    written.put("title", "Found by fuzzing: " + what);
    Map<String, Object> found = new LinkedHashMap<>(map(list(tree.get("cases")).getFirst()));
    found.put("id", "found");
    found.put("expect", expectation(expected));
    written.put("cases", List.of(found));
    String name = "%s-%d-%d".formatted(subject.name(), seed, request);
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve(name + ".json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(written));
    disagreements.put(name, what);
    System.out.println("differential: " + name + ": " + what);
  }

  private static Map<String, Object> expectation(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Connected(Outcome.Connection connection) ->
          Map.of("connection", connection.toString());
      case Outcome.Answered answered -> Map.of("status", answered.status());
    };
  }

  private static Optional<CaseSet> parsed(Map<String, Object> tree) {
    try {
      CaseSet set = CaseReader.parse("generated/set", JSON.writeValueAsString(tree));
      ConfiguredSet.snapshot(set, MINT, ConfiguredSet.mesh(set), 1);
      return Optional.of(set);
    } catch (CaseReader.BadCase e) {
      return Optional.empty();
    }
  }

  /** Signs the tokens of all runs in this process. */
  static final TokenMint MINT = new TokenMint();

  private static String verdict(Subject subject, Case one) {
    try {
      return verdict(subject.ask(one));
    } catch (IOException e) {
      return "no answer: " + e;
    } catch (Exception e) {
      throw new IllegalStateException(subject.name() + " cannot be asked", e);
    }
  }

  /** What is compared: who answered, and what the application saw of the target. */
  private static String verdict(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Connected(Outcome.Connection connection) -> connection.toString();
      case Outcome.Answered answered ->
          answered.status()
              + answered.seen().map(seen -> " " + seen.method() + " " + seen.target()).orElse("");
    };
  }

  @SuppressWarnings("unchecked") // by the generator
  private static List<Object> list(@Nullable Object node) {
    return node == null ? new ArrayList<>() : (List<Object>) node;
  }

  @SuppressWarnings("unchecked") // by the generator
  private static Map<String, Object> map(Object node) {
    return (Map<String, Object>) node;
  }
}
