package io.selvage.doctor.evidence;

import java.util.Optional;
import java.util.function.Function;

/** Something that was looked for: seen, or not and why. */
public sealed interface Look<T> {
  /** It could be looked at; {@code value} may well be empty. */
  record Seen<T>(T value) implements Look<T> {}

  /**
   * It could not be looked at.
   *
   * @param why in words
   * @param missing the right that would have been needed, as {@code kubectl auth can-i} takes it:
   *     {@code get secrets -n istio-system}; empty when it is not for want of a right
   */
  record Unseen<T>(String why, Optional<String> missing) implements Look<T> {}

  /** Seen. */
  static <T> Look<T> seen(T value) {
    return new Seen<>(value);
  }

  /** Not seen, for another reason than rights. */
  static <T> Look<T> unseen(String why) {
    return new Unseen<>(why, Optional.empty());
  }

  /** Empty when unseen. */
  default Optional<T> found() {
    return this instanceof Seen<T>(T value) ? Optional.of(value) : Optional.empty();
  }

  /** The same of something else. */
  default <R> Look<R> map(Function<T, R> change) {
    return switch (this) {
      case Seen<T>(T value) -> new Seen<>(change.apply(value));
      case Unseen<T>(String why, Optional<String> missing) -> new Unseen<>(why, missing);
    };
  }
}
