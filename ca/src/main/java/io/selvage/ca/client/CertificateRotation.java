package io.selvage.ca.client;

import io.selvage.pki.WorkloadCertificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one workload's certificate fresh. While renewal fails the old certificate stays, each
 * failure is told with the time that is left, and the next try comes sooner as the end comes near.
 */
public final class CertificateRotation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CertificateRotation.class);

  /** Timers stand still while a machine sleeps, and clocks are set: so both are asked often. */
  private static final Duration LONGEST_NAP = Duration.ofMinutes(10);

  private final CertificateSource source;
  private final RotationSchedule schedule;
  private final Scheduler scheduler;
  private final Listener listener;
  private final InstantSource clock;
  private final RandomGenerator random;
  private @Nullable IssuedCertificate current;
  private @Nullable RenewalTrouble trouble;
  private @Nullable Runnable cancel;
  private Instant due;
  private Duration toSleep = Duration.ZERO;
  private Duration nap = Duration.ZERO;
  private int failures;
  private boolean renewing;
  private boolean again;
  private boolean closed;

  /** Runs something later, on a thread that may block. */
  @FunctionalInterface
  public interface Scheduler {
    /** Returns what cancels it. */
    Runnable schedule(Duration delay, Runnable task);

    /** On real time; each task runs on a virtual thread of its own. */
    static Scheduler on(ScheduledExecutorService timer) {
      return (delay, task) -> {
        Future<?> later =
            timer.schedule(
                () -> Thread.ofVirtual().start(task), delay.toMillis(), TimeUnit.MILLISECONDS);
        return () -> later.cancel(false);
      };
    }
  }

  /** Who wants to know. */
  public interface Listener {
    /** A certificate is there, the first or a renewed one. */
    void issued(IssuedCertificate issued);

    /** A renewal failed; it will be tried again. */
    void renewalFailed(RenewalTrouble trouble);
  }

  /**
   * Why there is no newer certificate.
   *
   * @param code {@code SLV1007} when more than 80 % of the lifetime is over, {@code SLV1010} before
   * @param message cause and next step
   * @param timeLeft until the certificate ends; zero or less: it has ended, or there never was one
   */
  public record RenewalTrouble(String code, String message, Duration timeLeft) {}

  public CertificateRotation(
      CertificateSource source,
      RotationSchedule schedule,
      Scheduler scheduler,
      Listener listener,
      InstantSource clock,
      RandomGenerator random) {
    this.source = source;
    this.schedule = schedule;
    this.scheduler = scheduler;
    this.listener = listener;
    this.clock = clock;
    this.random = random;
    this.due = clock.instant();
  }

  /** Gets the first certificate as soon as the scheduler likes. */
  public void start() {
    next(Duration.ZERO);
  }

  /**
   * Renews now, whatever the schedule: e.g. after a root rotation. A renewal that runs already may
   * have been asked for before what this is about, so another follows it.
   */
  public synchronized void renewNow() {
    again = renewing;
    if (!renewing) {
      next(Duration.ZERO);
    }
  }

  /** The certificate in use. */
  public synchronized Optional<IssuedCertificate> current() {
    return Optional.ofNullable(current);
  }

  /** Why there is no newer certificate, since the last renewal failed. */
  public synchronized Optional<RenewalTrouble> trouble() {
    return Optional.ofNullable(trouble);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (cancel != null) {
      cancel.run();
    }
  }

  private synchronized void next(Duration delay) {
    due = clock.instant().plus(delay);
    toSleep = delay;
    sleep(delay);
  }

  private synchronized void sleep(Duration delay) {
    if (closed) {
      return;
    }
    if (cancel != null) {
      cancel.run();
    }
    nap = delay.compareTo(LONGEST_NAP) < 0 ? delay : LONGEST_NAP;
    cancel = scheduler.schedule(nap, this::wake);
  }

  private void wake() {
    if (begins()) {
      renew();
    }
  }

  /** Whether it is time, by the clock or by the timer, whichever is first; if not, sleeps on. */
  private synchronized boolean begins() {
    toSleep = toSleep.minus(nap);
    Duration byClock = Duration.between(clock.instant(), due);
    Duration left = byClock.compareTo(toSleep) < 0 ? byClock : toSleep;
    if (left.isPositive()) {
      sleep(left);
      return false;
    }
    renewing = !closed;
    return renewing;
  }

  private void renew() {
    Optional<WorkloadCertificate> old = current().map(IssuedCertificate::certificate);
    Duration delay;
    try {
      IssuedCertificate issued = source.request(old);
      accepted(issued);
      listener.issued(issued);
      delay = untilRenewal(issued.certificate());
    } catch (CertificateRequestFailed e) {
      delay = failed(old, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // A defect, here or in the listener, must not end the renewals.
      log.error("SLV1010 renewal failed by a defect", e);
      delay = failed(old, "renewal failed by a defect: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the process ends: no further try
      return;
    }
    ended(delay);
  }

  private synchronized void ended(Duration delay) {
    renewing = false;
    next(again ? Duration.ZERO : delay);
    again = false;
  }

  /**
   * Never at once: an authority whose clock runs late, or short lives, would be asked in a loop.
   */
  private Duration untilRenewal(WorkloadCertificate certificate) {
    Instant now = clock.instant();
    Duration delay = schedule.delay(now, certificate.notAfter(), now, random);
    return delay.isZero() ? schedule.retryDelay(certificate.notAfter(), now, 1, random) : delay;
  }

  private Duration failed(Optional<WorkloadCertificate> old, String why) {
    RenewalTrouble failed = troubleOf(old, why);
    int inARow = remember(failed);
    log.warn("{} {}", failed.code(), failed.message());
    try {
      listener.renewalFailed(failed);
    } catch (RuntimeException e) {
      log.error("SLV1010 who wants to know of failed renewals failed", e);
    }
    Instant now = clock.instant();
    Instant end = old.map(WorkloadCertificate::notAfter).orElse(now);
    return schedule.retryDelay(end, now, inARow, random);
  }

  private synchronized void accepted(IssuedCertificate issued) {
    current = issued;
    trouble = null;
    failures = 0;
  }

  private synchronized int remember(RenewalTrouble failed) {
    trouble = failed;
    return ++failures;
  }

  private RenewalTrouble troubleOf(Optional<WorkloadCertificate> old, String why) {
    if (old.isEmpty()) {
      return new RenewalTrouble("SLV1010", "no certificate yet: " + why, Duration.ZERO);
    }
    WorkloadCertificate certificate = old.get();
    Duration left = Duration.between(clock.instant(), certificate.notAfter());
    Duration life = Duration.between(certificate.notBefore(), certificate.notAfter());
    boolean late = left.multipliedBy(5).compareTo(life) < 0;
    return new RenewalTrouble(
        late ? "SLV1007" : "SLV1010",
        "the certificate of "
            + certificate.spiffeId()
            + (left.isPositive() ? " ends in " + left + " at " : " ended at ")
            + certificate.notAfter()
            + " and is not renewed: "
            + why,
        left);
  }
}
