package io.selvage.it.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** A bounded wait for something that can be seen; nothing is ever waited for by time alone. */
public final class Until {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long STEP = Duration.ofMillis(10).toNanos();

  private Until() {}

  /** Looks until what is seen is as {@code wanted}, and gives it; fails with the last look. */
  public static <T> T seen(String what, Callable<T> look, Predicate<T> wanted) throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    T last = look.call();
    while (!wanted.test(last)) {
      assertThat(System.nanoTime())
          .as("%s within %d s; the last look saw: %s", what, LIMIT.toSeconds(), last)
          .isLessThan(end);
      LockSupport.parkNanos(STEP);
      last = look.call();
    }
    return last;
  }

  /** Looks until {@code holds}. */
  public static void holds(String what, Callable<Boolean> holds) throws Exception {
    seen(what, holds, held -> held);
  }
}
