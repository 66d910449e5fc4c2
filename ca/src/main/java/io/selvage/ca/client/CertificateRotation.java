package io.selvage.ca.client;

import io.selvage.pki.WorkloadCertificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
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

  private final CertificateSource source;
  private final RotationSchedule schedule;
  private final Scheduler scheduler;
  private final Listener listener;
  private final InstantSource clock;
  private final RandomGenerator random;
  private @Nullable IssuedCertificate current;
  private @Nullable RenewalTrouble trouble;
  private @Nullable Runnable cancel;
  private boolean closed;

  /** Runs something later, on a thread that may block. */
  @FunctionalInterface
  public interface Scheduler {
    /** Returns what cancels it. */
    Runnable schedule(Duration delay, Runnable task);
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
  }

  /** Gets the first certificate as soon as the scheduler likes. */
  public void start() {
    next(Duration.ZERO);
  }

  /** Renews now, whatever the schedule: e.g. after a root rotation. */
  public void renewNow() {
    next(Duration.ZERO);
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
    if (closed) {
      return;
    }
    if (cancel != null) {
      cancel.run();
    }
    cancel = scheduler.schedule(delay, this::renew);
  }

  private void renew() {
    Optional<WorkloadCertificate> old = current().map(IssuedCertificate::certificate);
    try {
      IssuedCertificate issued = source.request(old);
      accepted(issued);
      listener.issued(issued);
      WorkloadCertificate now = issued.certificate();
      next(schedule.delay(now.notBefore(), now.notAfter(), clock.instant(), random));
    } catch (CertificateRequestFailed e) {
      failed(old, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // A defect, here or in the listener, must not end the renewals.
      log.error("SLV1010 renewal failed by a defect", e);
      failed(old, "renewal failed by a defect: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the process ends: no further try
    }
  }

  private void failed(Optional<WorkloadCertificate> old, String why) {
    RenewalTrouble failed = troubleOf(old, why);
    remember(failed);
    log.warn("{} {}", failed.code(), failed.message());
    Instant end = old.map(WorkloadCertificate::notAfter).orElse(clock.instant());
    next(schedule.retryDelay(end, clock.instant(), random));
    listener.renewalFailed(failed);
  }

  private synchronized void accepted(IssuedCertificate issued) {
    current = issued;
    trouble = null;
  }

  private synchronized void remember(RenewalTrouble failed) {
    trouble = failed;
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
