package io.selvage.control;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has what sidecars were told made again while there is nothing else to do, a few at a time, and
 * compared: what is remembered from round to round cannot stay wrong unseen. It is done several
 * times for each that came, since by then the JVM has compiled what makes it (the first change of
 * policy after a start is not the one that waits for that), and then once a minute if anything has
 * changed.
 *
 * <p>A change has to wait for one step at most. All of it is on the control plane's thread.
 */
final class IdleCheck {
  /** How often for each sidecar at first. */
  private static final int TIMES = 48;

  /** By then all is compiled, however many sidecars there are. */
  private static final int ENOUGH = 50_000;

  /** Sidecars of one step, some milliseconds. */
  private static final int STEP = 48;

  /** After a step, so that two thirds of a core are left. */
  private static final long PAUSE_MILLIS = 15;

  /** For so long nothing must have come. */
  private static final long QUIET_SECONDS = 1;

  /** Looks from one check of all to the next. */
  private static final int MINUTE = 60;

  private static final Logger LOG = LoggerFactory.getLogger(IdleCheck.class);

  private final MeshResources resources;
  private final ScheduledExecutorService thread;
  private final Runnable push;
  private long seen = -1;
  private boolean goingOn;
  private int looks;
  private int looked;
  private boolean all;

  /**
   * @param thread the control plane's
   * @param push tells nodes what has changed
   */
  IdleCheck(MeshResources resources, ScheduledExecutorService thread, Runnable push) {
    this.resources = resources;
    this.thread = thread;
    this.push = push;
  }

  /** Looks after it until the thread ends. */
  void start() {
    var _ =
        thread.scheduleWithFixedDelay(this::look, QUIET_SECONDS, QUIET_SECONDS, TimeUnit.SECONDS);
  }

  private void look() {
    long now = resources.activity();
    boolean quiet = now == seen;
    seen = now;
    all |= ++looks % MINUTE == 0;
    if (quiet && !goingOn) {
      step();
    }
  }

  private void step() {
    goingOn = false;
    if (resources.activity() != seen) {
      return;
    }
    try {
      switch (resources.check(STEP, looked < ENOUGH ? TIMES : 1, all)) {
        case DONE -> all = false;
        case WRONG -> push.run();
        case MORE -> {
          looked = Math.min(looked + STEP, ENOUGH);
          var _ = thread.schedule(this::step, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
          goingOn = true;
        }
      }
    } catch (RejectedExecutionException e) {
      LOG.debug("the control plane has ended", e);
    } catch (RuntimeException e) {
      LOG.error("SLV7307 what proxies were told cannot be made again", e);
    }
  }
}
