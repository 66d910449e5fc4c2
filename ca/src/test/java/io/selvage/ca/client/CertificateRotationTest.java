package io.selvage.ca.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.selvage.ca.MovableClock;
import io.selvage.ca.client.CertificateRotation.RenewalTrouble;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CertificateRotationTest {
  private static final SpiffeId SLEEP = SpiffeId.workload("cluster.local", "sample", "sleep");

  private final MovableClock clock = new MovableClock();
  private final Deque<Planned> planned = new ArrayDeque<>();
  private final List<IssuedCertificate> issued = new ArrayList<>();
  private final List<RenewalTrouble> troubles = new ArrayList<>();
  private CertificateAuthority authority;
  private boolean down;
  private boolean listenerFails;
  private Duration ttl = Duration.ZERO;
  private Runnable whileAsking = () -> {};

  private record Planned(Duration delay, Runnable task) {}

  @BeforeEach
  void open() throws PkiException {
    CaProfile profile = new CaProfile.Istiod("cluster.local");
    SecureRandom random = new SecureRandom();
    CaCredentials root =
        CaCredentials.selfSigned(
            profile, KeyAlgorithm.DEFAULT, Duration.ofDays(365), clock.instant(), random);
    authority =
        new CertificateAuthority(root, profile, CertificateAuthority.Limits.DEFAULT, clock, random);
  }

  @Test
  void renewsAtHalfOfTheLifetimeAndALittleJitter() {
    try (CertificateRotation rotation = rotation()) {
      rotation.start();
      runNext();

      assertThat(issued).hasSize(1);
      assertThat(rotation.current()).contains(issued.getFirst());
      assertThat(runNext()).isBetween(Duration.ofMinutes(704), Duration.ofMinutes(735));
      assertThat(issued).hasSize(2);
    }
  }

  @Test
  void keepsTheOldCertificateAndTellsTheTimeLeftWhileRenewalFails() {
    try (CertificateRotation rotation = rotation()) {
      rotation.start();
      runNext();
      down = true;
      runNext();

      assertThat(rotation.current()).contains(issued.getFirst());
      assertThat(troubles).hasSize(1);
      assertThat(troubles.getFirst().code()).isEqualTo("SLV1010");
      assertThat(troubles.getFirst().timeLeft()).isGreaterThan(Duration.ofHours(11));
      assertThat(next().delay()).isLessThanOrEqualTo(Duration.ofMinutes(6));
    }
  }

  @Test
  void warnsByItsCodeWellBeforeTheEndAndRecovers() {
    try (CertificateRotation rotation = rotation()) {
      rotation.start();
      runNext();
      down = true;
      clock.advance(Duration.ofHours(20));
      run(planned.removeFirst());

      RenewalTrouble last = troubles.getLast();
      assertThat(last.code()).isEqualTo("SLV1007");
      assertThat(last.message()).contains(SLEEP.toString()).contains("the CA is away");
      assertThat(last.timeLeft()).isEqualTo(Duration.ofHours(4));
      assertThat(rotation.trouble()).contains(last);

      down = false;
      runNext();
      assertThat(rotation.trouble()).isEmpty();
      assertThat(issued).hasSize(2);
    }
  }

  @Test
  void triesSoonerAsTheEndComesNear() {
    RotationSchedule schedule = RotationSchedule.DEFAULT;
    Instant now = clock.instant();

    assertThat(schedule.retryDelay(now.plus(Duration.ofHours(12)), now, 1, new Random(1)))
        .isGreaterThan(Duration.ofMinutes(4));
    assertThat(schedule.retryDelay(now.plusSeconds(60), now, 9, new Random(1)))
        .isLessThan(Duration.ofSeconds(4));
    assertThat(schedule.retryDelay(now.minusSeconds(60), now, 1, new Random(1)))
        .isBetween(Duration.ofMillis(900), Duration.ofMillis(1100));
  }

  @Test
  void anOverdueCertificateIsRenewedAtOnce() {
    Instant now = clock.instant();

    assertThat(
            RotationSchedule.DEFAULT.delay(
                now.minus(Duration.ofHours(20)), now.plus(Duration.ofHours(4)), now, new Random(1)))
        .isZero();
  }

  @Test
  void comesBackSlowlyToAnAuthorityThatWasLongAway() {
    try (CertificateRotation rotation = rotation()) {
      down = true;
      rotation.start();
      runNext();
      List<Duration> pauses = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        pauses.add(runNext());
      }

      assertThat(pauses.getFirst()).isBetween(Duration.ofMillis(900), Duration.ofMillis(1100));
      assertThat(pauses.getLast()).isBetween(Duration.ofMillis(13_500), Duration.ofMillis(16_500));
      down = false;
      runNext();
      assertThat(issued).hasSize(1);
      assertThat(rotation.trouble()).isEmpty();
    }
  }

  @Test
  void aCertificateOfOneMinuteIsRenewedTwiceAMinuteAndNotInALoop() {
    ttl = Duration.ofMinutes(1);
    try (CertificateRotation rotation = rotation()) {
      rotation.start();
      runNext();

      for (int i = 0; i < 5; i++) {
        assertThat(runNext()).isBetween(Duration.ofSeconds(29), Duration.ofSeconds(31));
      }
    }
  }

  @Test
  void renewsInTimeWhenTheMachineSleptAndWhenTheClockIsSetBack() {
    try (CertificateRotation rotation = rotation()) {
      rotation.start();
      runNext();
      clock.advance(Duration.ofHours(20)); // the timer stood still
      run(planned.removeFirst());
      assertThat(issued).hasSize(2);

      clock.advance(Duration.ofDays(-3));
      assertThat(runNext()).isLessThan(Duration.ofHours(13));
      assertThat(issued).hasSize(3);
    }
  }

  @Test
  void aRenewalThatIsAskedForWhileOneRunsFollowsIt() {
    try (CertificateRotation rotation = rotation()) {
      whileAsking = rotation::renewNow;
      rotation.start();
      runNext();
      whileAsking = () -> {};

      assertThat(next().delay()).isZero();
      runNext();
      assertThat(issued).hasSize(2);
      assertThat(next().delay()).isPositive();
    }
  }

  @Test
  void aListenerThatFailsDoesNotEndTheRenewals() {
    try (CertificateRotation rotation = rotation()) {
      listenerFails = true;
      rotation.start();
      runNext();

      assertThat(troubles).hasSize(1);
      assertThat(next().delay()).isPositive();
    }
  }

  @Test
  void stopsWhenItIsClosed() {
    CertificateRotation rotation = rotation();
    rotation.start();
    rotation.close();
    assertThat(planned).isEmpty();

    rotation.renewNow();
    assertThat(planned).isEmpty();
  }

  private CertificateRotation rotation() {
    return new CertificateRotation(
        current -> {
          whileAsking.run();
          if (down) {
            throw new CertificateRequestFailed(Status.Code.UNAVAILABLE, "the CA is away");
          }
          try {
            return new IssuedCertificate(
                authority.issue(KeyAlgorithm.DEFAULT, SLEEP, ttl),
                TrustBundle.of(authority.root()));
          } catch (PkiException e) {
            throw new AssertionError(e);
          }
        },
        RotationSchedule.DEFAULT,
        (delay, task) -> {
          Planned plan = new Planned(delay, task);
          planned.add(plan);
          return () -> planned.remove(plan);
        },
        new CertificateRotation.Listener() {
          @Override
          public void issued(IssuedCertificate certificate) {
            if (listenerFails) {
              throw new IllegalStateException("listener");
            }
            issued.add(certificate);
          }

          @Override
          public void renewalFailed(RenewalTrouble trouble) {
            troubles.add(trouble);
            if (listenerFails) {
              throw new IllegalStateException("listener");
            }
          }
        },
        clock,
        new Random(1));
  }

  private Planned next() {
    assertThat(planned).hasSize(1);
    return planned.getFirst();
  }

  /** Lets time pass until the next renewal or failure; returns how long that took. */
  private Duration runNext() {
    int before = issued.size() + troubles.size();
    Duration passed = Duration.ZERO;
    while (issued.size() + troubles.size() == before) {
      Planned plan = next();
      planned.removeFirst();
      clock.advance(plan.delay());
      passed = passed.plus(plan.delay());
      run(plan);
    }
    return passed;
  }

  private static void run(Planned plan) {
    plan.task().run();
  }
}
