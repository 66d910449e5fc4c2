package io.selvage.ca.roots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.ca.LoopbackCa.MemoryStore;
import io.selvage.ca.MovableClock;
import io.selvage.ca.SigningState;
import io.selvage.ca.roots.RootRotation.StepRefused;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.VerificationFailure;
import io.selvage.pki.VerifiedIdentity;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RootRotationTest {
  private static final SpiffeId SLEEP = SpiffeId.workload("cluster.local", "sample", "sleep");
  private static final Duration DAY = Duration.ofDays(1);

  private final MovableClock clock = new MovableClock();
  private final FailingStore store = new FailingStore();
  private final SecureRandom random = new SecureRandom();
  private CertificateAuthorityService authority;

  @BeforeEach
  void open() throws Exception {
    authority = opened();
  }

  @Test
  void everyCertificateHoldsInEveryPhaseUntilItsRootIsDropped() throws Exception {
    WorkloadCertificate old = issue();

    authority.beginRotation();
    WorkloadCertificate during = issue();
    assertThat(authority.bundle().roots()).hasSize(2);
    assertThat(during.leaf().getIssuerX500Principal()).isNotNull();
    assertHolds(old, during);

    authority.switchSigning(Set.of());
    WorkloadCertificate renewed = issue();
    assertHolds(old, during, renewed);

    clock.advance(DAY.plusSeconds(1));
    authority.dropOldRoot(DAY, Optional.empty());
    assertThat(authority.bundle().roots()).hasSize(1);
    assertThat(authority.bundle().contains(authority.signing().authority().root())).isTrue();
    assertThat(authority.signing().verifier().verify(old.certificates(), PeerRole.CLIENT))
        .isInstanceOf(VerificationFailure.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyAlgorithm.class,
      names = {"ECDSA_P256", "RSA_2048"})
  void signsByAnIntermediateWhenToldToWithEitherKindOfKeyAndRotatesItsRoot(KeyAlgorithm algorithm)
      throws Exception {
    FailingStore own = new FailingStore();
    CertificateAuthorityService.Settings settings =
        CertificateAuthorityService.Settings.of(
                new CaProfile.Istiod("cluster.local"), "cluster.local")
            .withAlgorithm(algorithm)
            .withIntermediate();
    authority = CertificateAuthorityService.open(settings, own, clock, random);
    WorkloadCertificate old = issue();
    assertThat(old.certificates()).hasSize(2);
    assertThat(authority.bundle().roots()).hasSize(1).doesNotContain(old.certificates().getLast());

    authority.beginRotation();
    authority.switchSigning(Set.of());
    authority = CertificateAuthorityService.open(settings, own, clock, random);

    WorkloadCertificate renewed = issue();
    assertThat(renewed.certificates()).hasSize(2);
    assertHolds(old, renewed);
  }

  @Test
  void doesNotSignByARootThatAWorkloadLacks() throws Exception {
    authority.beginRotation();

    assertThatThrownBy(() -> authority.switchSigning(Set.of("sample/sleep", "sample/httpbin")))
        .isInstanceOf(StepRefused.class)
        .hasMessageContaining("2 workloads")
        .hasMessageContaining("sample/httpbin, sample/sleep");
    assertThat(authority.rotation()).isInstanceOf(RootRotation.Distributing.class);
  }

  @Test
  void doesNotDropARootWhoseCertificatesMayLive() throws Exception {
    authority.beginRotation();
    authority.switchSigning(Set.of());

    assertThatThrownBy(() -> authority.dropOldRoot(DAY, Optional.empty()))
        .isInstanceOf(StepRefused.class)
        .hasMessageContaining("2026-03-02T12:00:00Z");
    assertThatThrownBy(() -> authority.dropOldRoot(DAY, Optional.of(Set.of("sample/sleep"))))
        .hasMessageContaining("still on it: sample/sleep");
    authority.dropOldRoot(DAY, Optional.of(Set.of()));
    assertThat(authority.rotation()).isInstanceOf(RootRotation.Steady.class);
  }

  @Test
  void takesItsStepsInOrderOnly() throws Exception {
    assertThatThrownBy(() -> authority.switchSigning(Set.of())).isInstanceOf(StepRefused.class);
    assertThatThrownBy(() -> authority.dropOldRoot(DAY, Optional.of(Set.of())))
        .isInstanceOf(StepRefused.class);
    authority.beginRotation();
    assertThatThrownBy(() -> authority.beginRotation()).isInstanceOf(StepRefused.class);
    authority.abandonRotation();
    assertThat(authority.bundle().roots()).hasSize(1);
  }

  @Test
  void goesOnWhereItStoodAfterARestart() throws Exception {
    List<SigningState> told = new ArrayList<>();
    authority.onChange(told::add);
    authority.beginRotation();
    authority.switchSigning(Set.of());

    CertificateAuthorityService restarted = opened();

    assertThat(restarted.rotation()).isInstanceOf(RootRotation.Retiring.class);
    assertThat(restarted.bundle()).isEqualTo(authority.bundle());
    assertThat(restarted.generation()).isEqualTo(3);
    assertThat(restarted.joinTokens().exportKey()).isEqualTo(authority.joinTokens().exportKey());
    assertThat(told).hasSize(2);
    assertThat(told.getLast().bundle()).isEqualTo(authority.bundle());
  }

  @Test
  void federatedRootsAreTrustedAndSurvive() throws Exception {
    CertificateAuthorityService west =
        CertificateAuthorityService.open(
            CertificateAuthorityService.Settings.of(
                CaProfile.MeshCa.of(0, "OU=istio_v1_cloud_workload,O=Example"), "cluster.local"),
            new MemoryStore(),
            clock,
            new SecureRandom());

    authority.federate(TrustBundle.of(west.signing().authority().root()));

    WorkloadCertificate western =
        west.signing().authority().issue(KeyAlgorithm.DEFAULT, SLEEP, DAY);
    assertHolds(western);
    assertThat(opened().bundle()).isEqualTo(authority.bundle());
  }

  @Test
  void goesBackToTheOldRootAndDropsTheNewOne() throws Exception {
    WorkloadCertificate old = issue();
    authority.beginRotation();
    authority.switchSigning(Set.of());
    WorkloadCertificate young = issue();
    authority = opened(); // the old key survives a restart for as long as it may be needed

    assertThatThrownBy(() -> authority.switchBack(Set.of("sample/sleep")))
        .isInstanceOf(StepRefused.class)
        .hasMessageContaining("sample/sleep");
    authority.switchBack(Set.of());

    WorkloadCertificate again = issue();
    assertThat(again.leaf().getPublicKey()).isNotEqualTo(old.leaf().getPublicKey());
    assertHolds(old, young, again);
    authority.dropOldRoot(DAY, Optional.of(Set.of()));
    assertHolds(old, again);
    assertThat(authority.signing().verifier().verify(young.certificates(), PeerRole.CLIENT))
        .isInstanceOf(VerificationFailure.class);
    assertThatThrownBy(() -> authority.switchBack(Set.of())).isInstanceOf(StepRefused.class);
  }

  @Test
  void aRootThatExpiresWhileItRetiresDoesNotKeepTheAuthorityFromStarting() throws Exception {
    CaProfile profile = new CaProfile.Istiod("cluster.local");
    CaCredentials shortLived =
        CaCredentials.selfSigned(
            profile, KeyAlgorithm.DEFAULT, Duration.ofHours(3), clock.instant(), random);
    CaState before = store.load().orElseThrow();
    CaState retiring =
        before.next(
            new RootRotation.Retiring(
                before.rotation().signing(),
                shortLived.root(),
                Optional.of(shortLived),
                clock.instant()));
    byte[] stored = CaStateFormat.write(retiring);

    assertThat(
            ((RootRotation.Retiring) CaStateFormat.read(stored, clock.instant()).rotation()).old())
        .isPresent();
    clock.advance(Duration.ofHours(4));
    assertThat(
            ((RootRotation.Retiring) CaStateFormat.read(stored, clock.instant()).rotation()).old())
        .isEmpty();
  }

  @Test
  void anOldRootDoesNotStayTrustedBecauseOthersTellItBack() throws Exception {
    TrustBundle toldBack = authority.bundle();
    authority.federate(toldBack);
    assertThat(authority.generation()).isEqualTo(1);
    authority.beginRotation();
    authority.switchSigning(Set.of());
    authority.dropOldRoot(DAY, Optional.of(Set.of()));

    assertThat(authority.bundle().roots()).containsExactly(authority.signing().authority().root());
  }

  @Test
  void refusesARootThatMayNotNameTheWorkloadsOfThisMesh() throws Exception {
    CaCredentials expiresFirst =
        CaCredentials.selfSigned(
            new CaProfile.Istiod("cluster.local"),
            KeyAlgorithm.DEFAULT,
            Duration.ofHours(1),
            clock.instant(),
            random);
    clock.advance(Duration.ofHours(2));

    assertThatThrownBy(() -> authority.beginRotation(expiresFirst))
        .isInstanceOf(PkiException.class)
        .hasMessageContaining("expired");
    assertThat(authority.rotation()).isInstanceOf(RootRotation.Steady.class);
  }

  @Test
  void aStepThatCannotBeStoredIsNotMadeAndCanBeRepeated() throws Exception {
    List<SigningState> told = new ArrayList<>();
    authority.onChange(told::add);
    TrustBundle before = authority.bundle();
    store.failing = true;

    assertThatThrownBy(() -> authority.beginRotation()).isInstanceOf(IOException.class);
    assertThat(authority.bundle()).isEqualTo(before);
    assertThat(authority.rotation()).isInstanceOf(RootRotation.Steady.class);
    assertThat(told).isEmpty();
    assertHolds(issue());
    store.failing = false;
    authority.beginRotation();
    assertThat(authority.bundle().roots()).hasSize(2);
  }

  @Test
  void printsNoKeyInAnyPhase() throws Exception {
    List<String> shown = new ArrayList<>();
    shown.add(authority.rotation().toString());
    authority.beginRotation();
    shown.add(authority.rotation().toString());
    authority.switchSigning(Set.of());
    shown.add(authority.rotation().toString());

    CaCredentials signing = authority.rotation().signing();
    assertThat(shown)
        .allSatisfy(
            text ->
                assertThat(text)
                    .doesNotContain("\n")
                    .doesNotContain(signing.privateKeyPem().substring(40, 80)));
  }

  @Test
  void anIntermediateSignsBelowEachRootThatIsMade() throws Exception {
    CertificateAuthorityService west =
        CertificateAuthorityService.open(
            CertificateAuthorityService.Settings.of(
                    CaProfile.MeshCa.of(0, "OU=istio_v1_cloud_workload,O=Example"), "cluster.local")
                .withIntermediate(),
            new MemoryStore(),
            clock,
            new SecureRandom());
    authority.federate(west.bundle());

    WorkloadCertificate leaf = west.signing().authority().issue(KeyAlgorithm.DEFAULT, SLEEP, DAY);

    assertThat(leaf.chain().endingIn(west.bundle()).certificates()).hasSize(3);
    assertHolds(leaf);
    west.beginRotation();
    west.switchSigning(Set.of());
    WorkloadCertificate next = west.signing().authority().issue(KeyAlgorithm.DEFAULT, SLEEP, DAY);
    assertThat(next.chain().endingIn(west.bundle()).certificates())
        .hasSize(3)
        .last()
        .isEqualTo(west.signing().authority().root());
  }

  @Test
  void saysWhereItStandsInOneLine() throws Exception {
    authority.beginRotation();

    assertThat(new CaState(7, authority.rotation(), TrustBundle.empty(), "secret"))
        .asString()
        .matches("CaState\\[generation=7, Distributing\\[[0-9a-f]{12} signs, [0-9a-f]{12} is .*")
        .doesNotContain("secret", "\n");
  }

  private void assertHolds(WorkloadCertificate... certificates) {
    for (WorkloadCertificate certificate : certificates) {
      assertThat(authority.signing().verifier().verify(certificate.certificates(), PeerRole.CLIENT))
          .isInstanceOf(VerifiedIdentity.class);
    }
  }

  private WorkloadCertificate issue() throws Exception {
    return authority.signing().authority().issue(KeyAlgorithm.DEFAULT, SLEEP, DAY);
  }

  private CertificateAuthorityService opened() throws Exception {
    return CertificateAuthorityService.open(
        CertificateAuthorityService.Settings.of(
            new CaProfile.Istiod("cluster.local"), "cluster.local"),
        store,
        clock,
        random);
  }

  /** A store that can be full. */
  private static final class FailingStore implements CaStore {
    private final MemoryStore memory = new MemoryStore();
    private boolean failing;

    @Override
    public Optional<CaState> load() {
      return memory.load();
    }

    @Override
    public void save(CaState state) throws IOException {
      if (failing) {
        throw new IOException("No space left on device");
      }
      memory.save(state);
    }
  }
}
