package io.selvage.doctor.fix;

/** A change that was not made; the message is the API server's own where there is one. */
public final class FixFailed extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean certain;

  private FixFailed(String message, boolean certain, Throwable cause) {
    super(message, cause);
    this.certain = certain;
  }

  /** The API server refused it: nothing has changed. */
  public static FixFailed refused(String message, Throwable cause) {
    return new FixFailed(message, true, cause);
  }

  /** The API server did not answer: it may have been made. */
  public static FixFailed unanswered(String message, Throwable cause) {
    return new FixFailed(message, false, cause);
  }

  /** Whether it is certain that nothing has changed. */
  public boolean isCertain() {
    return certain;
  }
}
