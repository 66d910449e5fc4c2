package io.selvage.it.protocol;

/** Lines as HTTP/1.1 has them. */
final class Lines {
  private Lines() {}

  /** Each line with CR and LF after it; an empty one ends a head. */
  static String of(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }
}
