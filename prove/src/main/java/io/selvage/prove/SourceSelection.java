package io.selvage.prove;

/** Whose calls a question is about. */
public sealed interface SourceSelection {
  /** Anybody's. */
  record Anybody() implements SourceSelection {}

  /**
   * Those of one identity.
   *
   * @param uri {@code spiffe://td/ns/n/sa/s}
   */
  record Principal(String uri) implements SourceSelection {}

  /** Those without an identity. */
  record Plaintext() implements SourceSelection {}
}
