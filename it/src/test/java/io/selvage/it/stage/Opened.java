package io.selvage.it.stage;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;

/** What a test has opened, closed the latest first; one that does not close stops no other. */
public final class Opened implements AutoCloseable {
  private final Deque<AutoCloseable> all = new ConcurrentLinkedDeque<>();

  /** Has {@code one} closed, and gives it back. */
  public <T extends AutoCloseable> T add(T one) {
    all.push(one);
    return one;
  }

  @Override
  public void close() {
    AssertionError failed = null;
    for (AutoCloseable one = all.poll(); one != null; one = all.poll()) {
      try {
        one.close();
      } catch (Exception e) {
        AssertionError failure = new AssertionError(one + " does not close", e);
        if (failed == null) {
          failed = failure;
        } else {
          failed.addSuppressed(failure);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
