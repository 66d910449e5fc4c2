package io.selvage.proxy.transport;

import java.util.concurrent.Future;

/**
 * Marks an operation on a channel whose outcome nobody waits for: a write that fails closes its
 * channel, and that is where its owner looks.
 */
public final class Unwatched {
  private Unwatched() {}

  /** Lets the outcome be. */
  public static void unwatched(Future<?> outcome) {}
}
