package io.selvage.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A {@link Matcher} made ready to be tested: strings are bytes, the {@link Reading} is fixed, and
 * nothing is allocated but for regexes and repeated headers.
 */
sealed interface Predicate {
  /** Whether it holds for the subject's connection and request. */
  boolean test(Subject subject);

  /**
   * What is left of it once the connection is known: {@link Constant} when the connection alone
   * decides, otherwise something that holds for the same requests.
   */
  default Predicate bind(Subject subject) {
    return this;
  }

  /** Decided. */
  enum Constant implements Predicate {
    ALWAYS(true),
    NEVER(false);

    private final boolean value;

    Constant(boolean value) {
      this.value = value;
    }

    @Override
    public boolean test(Subject subject) {
      return value;
    }
  }

  record All(List<Predicate> parts) implements Predicate {
    @Override
    public boolean test(Subject subject) {
      for (int i = 0; i < parts.size(); i++) {
        if (!parts.get(i).test(subject)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public Predicate bind(Subject subject) {
      return all(parts, part -> part.bind(subject));
    }
  }

  record AnyOf(List<Predicate> parts) implements Predicate {
    @Override
    public boolean test(Subject subject) {
      for (int i = 0; i < parts.size(); i++) {
        if (parts.get(i).test(subject)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Predicate bind(Subject subject) {
      return any(parts, part -> part.bind(subject));
    }
  }

  record Negated(Predicate part) implements Predicate {
    @Override
    public boolean test(Subject subject) {
      return !part.test(subject);
    }

    @Override
    public Predicate bind(Subject subject) {
      return not(part.bind(subject));
    }
  }

  /** A predicate that the connection alone decides. */
  record OfConnection(ConnectionPredicate predicate) implements Predicate {
    @Override
    public boolean test(Subject subject) {
      return predicate.test(subject);
    }

    @Override
    public Predicate bind(Subject subject) {
      return predicate.test(subject) ? Constant.ALWAYS : Constant.NEVER;
    }
  }

  /** A predicate that needs the request. */
  record OfRequest(RequestPredicate predicate) implements Predicate {
    @Override
    public boolean test(Subject subject) {
      return predicate.test(subject);
    }
  }

  /** The conjunction of {@code each} applied to {@code parts}, as small as it can be told. */
  static <T> Predicate all(List<T> parts, Function<T, Predicate> each) {
    List<Predicate> kept = new ArrayList<>(parts.size());
    for (T part : parts) {
      Predicate predicate = each.apply(part);
      if (predicate == Constant.NEVER) {
        return Constant.NEVER;
      }
      if (predicate != Constant.ALWAYS) {
        kept.add(predicate);
      }
    }
    return kept.isEmpty() ? Constant.ALWAYS : kept.size() == 1 ? kept.getFirst() : new All(kept);
  }

  /** The disjunction, likewise. */
  static <T> Predicate any(List<T> parts, Function<T, Predicate> each) {
    List<Predicate> kept = new ArrayList<>(parts.size());
    for (T part : parts) {
      Predicate predicate = each.apply(part);
      if (predicate == Constant.ALWAYS) {
        return Constant.ALWAYS;
      }
      if (predicate != Constant.NEVER) {
        kept.add(predicate);
      }
    }
    return kept.isEmpty() ? Constant.NEVER : kept.size() == 1 ? kept.getFirst() : new AnyOf(kept);
  }

  /** The negation, likewise. */
  static Predicate not(Predicate predicate) {
    return predicate == Constant.ALWAYS
        ? Constant.NEVER
        : predicate == Constant.NEVER ? Constant.ALWAYS : new Negated(predicate);
  }
}
