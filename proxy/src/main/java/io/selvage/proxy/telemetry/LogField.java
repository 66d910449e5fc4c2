package io.selvage.proxy.telemetry;

import org.jspecify.annotations.Nullable;

/** A piece of a format: text as it stands, or one of Envoy's command operators. */
sealed interface LogField {
  /**
   * Text as it stands.
   *
   * @param text the text
   */
  record Literal(String text) implements LogField {}

  /**
   * An operator whose value is text.
   *
   * @param value the value, null when there is none
   * @param limit largest number of characters
   */
  record Text(TextValue value, int limit) implements LogField {}

  /**
   * An operator whose value is a number.
   *
   * @param value the value, negative when there is none
   */
  record Count(NumberValue value) implements LogField {}

  /** Reads text from an entry. */
  @FunctionalInterface
  interface TextValue {
    /** The value, valid until the next is read. */
    @Nullable CharSequence of(LogEntry entry);
  }

  /** Reads a number from an entry. */
  @FunctionalInterface
  interface NumberValue {
    /** The value, or a negative number. */
    long of(LogEntry entry);
  }
}
