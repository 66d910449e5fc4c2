package io.selvage.doctor;

/** What came of a check. */
public enum Status {
  PASS,
  WARN,
  FAIL,
  /** It does not apply here; the summary says why. */
  SKIP,
  /** It could not be looked at; the summary says what was missing. Never green. */
  UNKNOWN
}
