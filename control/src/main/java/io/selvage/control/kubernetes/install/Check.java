package io.selvage.control.kubernetes.install;

/**
 * One thing that was looked at after an installation.
 *
 * @param outcome how it is
 * @param text in words: what was seen, and where it fails what was expected
 */
public record Check(Outcome outcome, String text) {
  /** How it is. */
  public enum Outcome {
    PASSED,
    FAILED,
    /** It could not be looked at. */
    UNKNOWN
  }

  static Check passed(String text) {
    return new Check(Outcome.PASSED, text);
  }

  static Check failed(String text) {
    return new Check(Outcome.FAILED, text);
  }

  static Check unknown(String text) {
    return new Check(Outcome.UNKNOWN, text);
  }
}
