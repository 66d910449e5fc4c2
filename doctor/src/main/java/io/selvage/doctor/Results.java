package io.selvage.doctor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes what one check says. For one thread. */
public final class Results {
  private final CheckInfo check;
  private final Optional<String> context;
  private final List<Said> said = new ArrayList<>();

  /**
   * @param context the cluster that is asked about; empty for what is between clusters
   */
  public Results(CheckInfo check, Optional<String> context) {
    this.check = check;
    this.context = context;
  }

  /** All is well; says what was looked at. */
  public Said pass(String summary) {
    return say(Status.PASS, summary);
  }

  public Said warn(String summary) {
    return say(Status.WARN, summary);
  }

  public Said fail(String summary) {
    return say(Status.FAIL, summary);
  }

  /** It does not apply. */
  public Said skip(String why) {
    return say(Status.SKIP, why);
  }

  /** It could not be looked at. */
  public Said unknown(String why) {
    return say(Status.UNKNOWN, why);
  }

  private Said say(Status status, String summary) {
    var one = new Said(status, summary);
    said.add(one);
    return one;
  }

  /** Whether nothing was said that is not fine. */
  public boolean isFine() {
    return said.stream().allMatch(one -> one.status == Status.PASS || one.status == Status.SKIP);
  }

  /** All that was said, in order. */
  public List<Result> all() {
    return said.stream().map(Said::result).toList();
  }

  /** One result that is being told. */
  public final class Said {
    private final Status status;
    private final String summary;
    private final List<ObjectRef> objects = new ArrayList<>();
    private final List<Result.Fact> evidence = new ArrayList<>();
    private Confidence confidence = Confidence.PROVED_BY_CONFIGURATION;
    private Optional<String> cause = Optional.empty();
    private Optional<String> effect = Optional.empty();
    private Optional<Instant> since = Optional.empty();
    private Optional<String> next = Optional.empty();
    private Optional<Fix> fix = Optional.empty();
    private Optional<String> of = context;
    private boolean forWantOfProbes;

    private Said(Status status, String summary) {
      this.status = status;
      this.summary = summary;
    }

    /** What it is about. */
    public Said about(ObjectRef object) {
      objects.add(object);
      return this;
    }

    /**
     * What was read.
     *
     * @param source by which call
     */
    public Said seen(String text, String source) {
      evidence.add(new Result.Fact(text, source));
      return this;
    }

    /** What it rests on; the configuration when not said. */
    public Said by(Confidence rests) {
      confidence = rests;
      return this;
    }

    public Said cause(String text) {
      cause = Optional.of(text);
      return this;
    }

    public Said effect(String text) {
      effect = Optional.of(text);
      return this;
    }

    public Said since(Instant instant) {
      since = Optional.of(instant);
      return this;
    }

    /** The next command or step. */
    public Said next(String step) {
      next = Optional.of(step);
      return this;
    }

    public Said fix(Fix mends) {
      fix = Optional.of(mends);
      return this;
    }

    /** It is unknown only since no requests were to be sent. */
    public Said forWantOfProbes() {
      forWantOfProbes = true;
      return this;
    }

    /** In which cluster, for a check between clusters. */
    public Said in(String cluster) {
      of = Optional.of(cluster);
      return this;
    }

    private Result result() {
      return new Result(
          check.code(),
          status,
          of,
          summary,
          List.copyOf(objects),
          List.copyOf(evidence),
          confidence,
          cause,
          effect,
          since,
          next,
          fix,
          forWantOfProbes);
    }
  }
}
