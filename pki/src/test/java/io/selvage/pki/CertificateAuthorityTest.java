package io.selvage.pki;

import static io.selvage.pki.TestAuthority.CLOCK;
import static io.selvage.pki.TestAuthority.ISTIOD;
import static io.selvage.pki.TestAuthority.NOW;
import static io.selvage.pki.TestAuthority.RANDOM;
import static io.selvage.pki.TestAuthority.SLEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.pki.PeerVerifier.PeerRole;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateAuthorityTest {
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void namesTheWorkloadAsIstiodDoes() throws PkiException {
    X509Certificate leaf = issue(TestAuthority.root(), ISTIOD, Duration.ZERO).leaf();

    assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
    assertThat(leaf.getIssuerX500Principal().getName()).isEqualTo("O=cluster.local");
    assertThat(leaf.getCriticalExtensionOIDs()).contains("2.5.29.17");
    assertThat(leaf.getNotBefore().toInstant()).isEqualTo(NOW.minus(Duration.ofMinutes(2)));
    assertThat(leaf.getNotAfter().toInstant()).isEqualTo(NOW.plus(DAY));
    assertThat(leaf.getSerialNumber().signum()).isPositive();
  }

  @Test
  void namesTheWorkloadAsTheMeshCaDoes() throws PkiException {
    CaProfile profile = CaProfile.MeshCa.of(0, "OU=istio_v1_cloud_workload,O=Example");
    CaCredentials root = TestAuthority.root(profile, KeyAlgorithm.ECDSA_P256);
    X509Certificate leaf = issue(root, profile, DAY).leaf();

    assertThat(root.root().getSubjectX500Principal().getName())
        .isEqualTo("CN=istio_v1_cloud_workload_root-signer-0-2026-03-01T12:00:00Z");
    assertThat(leaf.getSubjectX500Principal().getName())
        .isEqualTo("OU=istio_v1_cloud_workload,O=Example");
    assertThat(leaf.getCriticalExtensionOIDs()).doesNotContain("2.5.29.17");
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyAlgorithm.class,
      names = {"ECDSA_P256", "ECDSA_P384", "RSA_2048"})
  void issuesUnderARootAndAnIntermediateOfEachKind(KeyAlgorithm algorithm) throws PkiException {
    CaCredentials root = TestAuthority.root(ISTIOD, algorithm);
    CaCredentials intermediate =
        root.intermediate(ISTIOD, algorithm, DAY.multipliedBy(30), NOW, RANDOM);
    PeerVerifier verifier =
        new PeerVerifier(TrustBundle.of(root.root()), Set.of("cluster.local"), CLOCK);

    for (CaCredentials issuer : List.of(root, intermediate)) {
      WorkloadCertificate issued =
          TestAuthority.authority(issuer).issue(algorithm, SLEEP, Duration.ofHours(1));
      assertThat(issued.spiffeId()).isEqualTo(SLEEP);
      assertThat(issued.certificates()).hasSize(issuer.chain().size());
      assertThat(verifier.verify(issued.certificates(), PeerRole.CLIENT))
          .isInstanceOfSatisfying(
              VerifiedIdentity.class, id -> assertThat(id.spiffeId()).isEqualTo(SLEEP));
    }
  }

  /** RFC 5280 4.2.1.1: every certificate but a self-signed one names its issuer's key. */
  @Test
  void namesTheIssuersKeyInAnIntermediate() throws PkiException {
    CaCredentials root = TestAuthority.root();
    CaCredentials intermediate =
        root.intermediate(ISTIOD, KeyAlgorithm.DEFAULT, DAY.multipliedBy(30), NOW, RANDOM);

    assertThat(intermediate.issuer().getExtensionValue("2.5.29.35")).isNotNull();
    assertThat(root.root().getExtensionValue("2.5.29.35")).isNull();
  }

  @Test
  void neverOutlivesItsIssuer() throws PkiException {
    Instant end = NOW.plus(Duration.ofHours(3));
    CaCredentials shortLived =
        CaCredentials.selfSigned(ISTIOD, KeyAlgorithm.ECDSA_P256, Duration.ofHours(3), NOW, RANDOM);

    assertThat(issue(shortLived, ISTIOD, DAY).notAfter()).isEqualTo(end);
  }

  @Test
  void grantsTheDefaultLifeWhenNoneOrLessIsAskedFor() throws PkiException {
    for (Duration none : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(-9999))) {
      assertThat(issue(TestAuthority.root(), ISTIOD, none).notAfter())
          .isEqualTo(NOW.plus(Duration.ofHours(24)));
    }
    assertThat(issue(TestAuthority.root(), ISTIOD, Duration.ofDays(90)).notAfter())
        .isEqualTo(NOW.plus(Duration.ofDays(90)));
  }

  @Test
  void refusesALongerLifeThanTheLimit() throws PkiException {
    CaCredentials root = TestAuthority.root();

    assertThatThrownBy(() -> issue(root, ISTIOD, Duration.ofDays(91)))
        .isInstanceOf(PkiException.class)
        .hasMessageContaining("greater than the max allowed TTL");
  }

  private static CertificateChain issue(CaCredentials credentials, CaProfile profile, Duration ttl)
      throws PkiException {
    CertificateAuthority authority =
        new CertificateAuthority(
            credentials, profile, CertificateAuthority.Limits.DEFAULT, CLOCK, RANDOM);
    return authority.issue(
        CertificateRequest.create(KeyAlgorithm.DEFAULT.generate(RANDOM)), SLEEP, ttl);
  }
}
