package io.selvage.proxy.http;

import java.util.concurrent.TimeUnit;

/**
 * The requests of one connection that its client took back before it could have had an answer,
 * which costs the client nothing and everybody behind it a request (rapid reset, CVE-2023-44487).
 * As in Envoy: when half of the first {@link #STREAMS} are such, and from then on whenever half of
 * all are, the connection is one of an attacker. A client that gives up waiting, or no longer wants
 * the rest of an answer, is none.
 */
final class PrematureResets {
  /** {@code overload.premature_reset_total_stream_count} of Envoy. */
  static final int STREAMS = 500;

  /** {@code overload.premature_reset_min_stream_lifetime_seconds}. */
  static final long LIFETIME_NANOS = TimeUnit.SECONDS.toNanos(1);

  private long ended;
  private long premature;

  /** A request is over, however it ended. */
  void ended() {
    ended++;
  }

  /** Another one is about to end prematurely; whether the connection is to end with it. */
  boolean isOneTooMany() {
    premature++;
    return 2 * premature >= Math.max(STREAMS, ended + 1);
  }
}
