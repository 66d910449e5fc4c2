package io.selvage.it.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/**
 * One case asked of one subject.
 *
 * @param unasked why it was not asked; then there is no outcome
 * @param got the outcome; empty when there is none because the subject failed or was not asked
 * @param faults what is wrong; none when it is right
 */
record Trial(
    CaseSet set,
    Case one,
    SubjectName subject,
    Optional<String> unasked,
    Optional<Outcome> got,
    List<String> faults,
    Duration took) {

  private static final int MOST_LINES = 12;

  /** How it went. */
  enum Result {
    /** As expected. */
    RIGHT,
    /** As the exception says. */
    DIFFERS,
    /** Not as expected. */
    WRONG,
    /** There is no way to ask. */
    UNSAID
  }

  Result result() {
    if (unasked.isPresent()) {
      return Result.UNSAID;
    }
    if (!faults.isEmpty()) {
      return Result.WRONG;
    }
    return one.differs().containsKey(subject) ? Result.DIFFERS : Result.RIGHT;
  }

  /** Asks a subject every case of a set, which is put in force first. */
  static List<Trial> of(Subject subject, CaseSet set) {
    List<Trial> trials = new ArrayList<>();
    Optional<String> unset = Optional.ofNullable(set.unsaid().get(subject.name()));
    boolean applied = false;
    Optional<String> failure = Optional.empty();
    for (Case one : set.cases()) {
      Optional<String> unasked =
          unset
              .or(() -> Optional.ofNullable(one.unsaid().get(subject.name())))
              .or(() -> subject.cannot(set, one));
      if (unasked.isPresent()) {
        trials.add(
            new Trial(
                set, one, subject.name(), unasked, Optional.empty(), List.of(), Duration.ZERO));
        continue;
      }
      if (!applied) {
        applied = true;
        failure = applied(subject, set);
      }
      trials.add(
          failure
              .map(why -> failed(set, one, subject, why))
              .orElseGet(() -> asked(set, one, subject)));
    }
    return trials;
  }

  private static Optional<String> applied(Subject subject, CaseSet set) {
    try {
      subject.apply(set);
      return Optional.empty();
    } catch (Exception | AssertionError e) {
      return Optional.of("the set cannot be put in force: " + said(e));
    }
  }

  private static Trial asked(CaseSet set, Case one, Subject subject) {
    long start = System.nanoTime();
    try {
      Outcome got = subject.ask(one);
      return new Trial(
          set,
          one,
          subject.name(),
          Optional.empty(),
          Optional.of(got),
          Judgement.faults(one.expectOf(subject.name()), got),
          Duration.ofNanos(System.nanoTime() - start));
    } catch (Exception | AssertionError e) {
      return failed(set, one, subject, "the question failed: " + said(e));
    }
  }

  private static Trial failed(CaseSet set, Case one, Subject subject, String why) {
    return new Trial(
        set, one, subject.name(), Optional.empty(), Optional.empty(), List.of(why), Duration.ZERO);
  }

  private static String said(Throwable e) {
    var text = new java.io.StringWriter();
    e.printStackTrace(new java.io.PrintWriter(text));
    return text.toString().lines().limit(MOST_LINES).collect(Collectors.joining("\n"));
  }

  /** Everything that one needs to see why it is wrong. */
  String describe() {
    var json = JsonMapper.shared().writerWithDefaultPrettyPrinter();
    return """
    %s, asked of %s
    %s
    expected: %s
    got: %s
    request: %s
    mesh: %s
    resources: %s
    """
        .formatted(
            set.nameOf(one),
            subject,
            String.join("\n", faults),
            one.expectOf(subject),
            got.map(Object::toString).orElse("nothing"),
            json.writeValueAsString(one.request()),
            set.mesh(),
            json.writeValueAsString(set.resources()));
  }
}
