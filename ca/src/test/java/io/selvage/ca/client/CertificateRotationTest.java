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
      assertThat(next().delay()).isBetween(Duration.ofMinutes(704), Duration.ofMinutes(735));
      runNext();
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

    assertThat(schedule.retryDelay(now.plus(Duration.ofHours(12)), now, new Random(1)))
        .isGreaterThan(Duration.ofMinutes(4));
    assertThat(schedule.retryDelay(now.plusSeconds(60), now, new Random(1)))
        .isLessThan(Duration.ofSeconds(4));
    assertThat(schedule.retryDelay(now.minusSeconds(60), now, new Random(1)))
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
          if (down) {
            throw new CertificateRequestFailed(Status.Code.UNAVAILABLE, "the CA is away");
          }
          try {
            return new IssuedCertificate(
                authority.issue(KeyAlgorithm.DEFAULT, SLEEP, Duration.ZERO),
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
            issued.add(certificate);
          }

          @Override
          public void renewalFailed(RenewalTrouble trouble) {
            troubles.add(trouble);
          }
        },
        clock,
        new Random(1));
  }

  private Planned next() {
    assertThat(planned).hasSize(1);
    return planned.getFirst();
  }

  private void runNext() {
    Planned plan = next();
    planned.removeFirst();
    clock.advance(plan.delay());
    run(plan);
  }

  private static void run(Planned plan) {
    plan.task().run();
  }
}
