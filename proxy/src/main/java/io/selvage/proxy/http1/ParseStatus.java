package io.selvage.proxy.http1;

/** Where a parser stands after having seen the bytes it was given. */
public enum ParseStatus {
  /** All bytes were consumed and the end was not among them. */
  NEED_MORE,
  /** It is read; bytes behind it were not touched. */
  COMPLETE,
  /** It is refused; the parser's {@code violation()} says why. */
  VIOLATION
}
