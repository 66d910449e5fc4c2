package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.Look;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A probe that could not be sent, which says nothing of what it was to show. */
public final class ProbeFailed extends Exception {
  private static final long serialVersionUID = 1;

  private final String missing;

  public ProbeFailed(String message) {
    this(message, "", null);
  }

  /**
   * For want of a right, or of something else.
   *
   * @param missing the right, as {@code kubectl auth can-i} takes it; empty when it is not for that
   */
  public ProbeFailed(String message, String missing, @Nullable Throwable cause) {
    super(message, cause);
    this.missing = missing;
  }

  /** As what was looked for and not seen. */
  public <T> Look<T> look() {
    return new Look.Unseen<>(
        String.valueOf(getMessage()), missing.isEmpty() ? Optional.empty() : Optional.of(missing));
  }
}
