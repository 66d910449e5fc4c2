package io.selvage.control;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has what sidecars enforce made again while there is nothing else to do, a few at a time, and
 * compared with what they were told: what is remembered of them from round to round is not wrong
 * unseen for long. At first it is done pass after pass, since by then the JVM has compiled what
 * makes it: the first change of policy after a start is not the one that waits for that. Later a
 * pass begins once a minute if anything has changed.
 *
 * <p>All of it is on the control plane's thread; a change waits for one step at most. While changes
 * come all the time, one step is made each second.
 */
final class IdleCheck {
  /** How often each sidecar is looked at in a row at first. */
  private static final int PASSES = 48;

  /** What is spent by which all is compiled, however many sidecars there are. */
  private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(6);

  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** For how many times as long as a step took nothing is done: a quarter of a core at first. */
  private static final int PAUSE_AT_FIRST = 3;

  /** The same later: a twentieth. */
  private static final int PAUSE = 19;

  /** Seconds from pass to pass later, and without a check after something was wrong. */
  private static final int MINUTE = 60;

  /** Seconds without a check after something was wrong again and again. */
  private static final int LONGEST_REST = 24 * 60 * MINUTE;

  private static final Logger LOG = LoggerFactory.getLogger(IdleCheck.class);

  /** Runs something a little later, on the control plane's thread; after its end, nothing. */
  interface Later {
    void run(Runnable task, long millis);
  }

  private final MeshResources resources;
  private final Later later;
  private final Runnable push;

  /** Seconds since the start, of rest that is left, and of the next rest. */
  private int seconds;

  private int rest;
  private int nextRest = MINUTE;

  /** Activity at the last second, and when the last pass was over. */
  private long seen = -1;

  private long passedAt = -1;
  private long pass = 1;
  private int inPass;
  private int passesInRow;
  private long spent;
  private boolean isOver;
  private boolean goesOn;

  /**
   * @param push tells nodes what has changed
   */
  IdleCheck(MeshResources resources, Later later, Runnable push) {
    this.resources = resources;
    this.later = later;
    this.push = push;
  }

  /** To be called once a second, on the control plane's thread. */
  void second() {
    long now = resources.activity();
    boolean quiet = now == seen;
    seen = now;
    seconds++;
    if (rest > 0) {
      rest--;
      return;
    }
    if (now != passedAt && (isFirst() || seconds % MINUTE == 0)) {
      isOver = false;
    }
    if (!isOver && !goesOn) {
      step(quiet);
    }
  }

  private void step(boolean quiet) {
    try {
      MeshResources.Checked checked = resources.check(pass, STEP_NANOS);
      inPass += checked.looked();
      spent = Math.min(spent + checked.nanos(), ENOUGH_NANOS);
      if (checked.wrong()) {
        rest = nextRest;
        nextRest = Math.min(2 * nextRest, LONGEST_REST);
        push.run();
      } else {
        if (checked.all()) {
          endPass();
        }
        goesOn = quiet && !isOver;
      }
      if (goesOn) {
        long pause = checked.nanos() * (isFirst() ? PAUSE_AT_FIRST : PAUSE);
        later.run(this::goOn, TimeUnit.NANOSECONDS.toMillis(pause) + 1);
      }
    } catch (RuntimeException e) {
      LOG.warn("what proxies were told cannot be made again", e);
    }
  }

  private boolean isFirst() {
    return spent < ENOUGH_NANOS;
  }

  private void goOn() {
    goesOn = false;
    if (resources.activity() == seen) {
      step(true);
    }
  }

  private void endPass() {
    pass++;
    passesInRow++;
    if (inPass == 0 || !isFirst() || passesInRow == PASSES) {
      isOver = true;
      passedAt = resources.activity();
      passesInRow = 0;
    }
    inPass = 0;
  }
}
