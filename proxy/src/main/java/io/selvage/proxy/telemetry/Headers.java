package io.selvage.proxy.telemetry;

import org.jspecify.annotations.Nullable;

/** The header fields of one message, as its codec holds them. */
@FunctionalInterface
public interface Headers {
  /** No header. */
  Headers NONE = name -> null;

  /**
   * The first value of the header with this lower-case name, pseudo-headers included, or null. It
   * is valid until the next call.
   */
  @Nullable CharSequence first(String lowerCaseName);
}
