package io.selvage.pki;

import static io.selvage.pki.TestAuthority.CLOCK;
import static io.selvage.pki.TestAuthority.ISTIOD;
import static io.selvage.pki.TestAuthority.NOW;
import static io.selvage.pki.TestAuthority.RANDOM;
import static io.selvage.pki.TestAuthority.SLEEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.VerificationFailure.Reason;
import java.io.IOException;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PeerVerifierTest {
  private CaCredentials root;
  private PeerVerifier verifier;

  @BeforeAll
  void setUp() throws PkiException {
    root = TestAuthority.root();
    verifier = verifierAt(CLOCK);
  }

  @Test
  void acceptsAWorkloadInBothRoles() throws PkiException {
    List<X509Certificate> chain = List.of(forged().uri(SLEEP.toString()).sign());

    for (PeerRole role : PeerRole.values()) {
      assertThat(verifier.verify(chain, role))
          .isInstanceOfSatisfying(
              VerifiedIdentity.class,
              identity -> {
                assertThat(identity.spiffeId()).isEqualTo(SLEEP);
                assertThat(identity.subject()).isEmpty();
                assertThat(identity.sha256Hex()).isEqualTo(Fingerprint.sha256Hex(chain.getFirst()));
              });
    }
  }

  @Test
  void refusesTwoUriNames() {
    refused(
        forged().uri(SLEEP.toString()).uri("spiffe://cluster.local/ns/a/sa/b"),
        Reason.BAD_IDENTITY);
  }

  @Test
  void takesNoIdentityFromADnsNameOrTheSubject() {
    refused(forged().name(GeneralName.dNSName, SLEEP.toString()), Reason.BAD_IDENTITY);
    refused(forged().subject("CN=" + SLEEP), Reason.BAD_IDENTITY);
  }

  @Test
  void refusesAnUriThatIsNoSpiffeIdOfAWorkload() {
    for (String uri :
        List.of(
            "https://cluster.local/ns/a/sa/b",
            "spiffe://cluster.local",
            "spiffe://cluster.local/ns/../sa/b",
            "SPIFFE://cluster.local/ns/a/sa/b",
            "spiffe://Cluster.local/ns/a/sa/b",
            "spiffe://cluster.local/ns/a/sa/b?x=y")) {
      refused(forged().uri(uri), Reason.BAD_IDENTITY);
    }
  }

  @Test
  void refusesANulWhereverItStands() throws IOException {
    for (GeneralName name :
        List.of(
            new GeneralName(GeneralName.uniformResourceIdentifier, SLEEP + "\0evil"),
            new GeneralName(GeneralName.dNSName, "victim\0evil"),
            new GeneralName(GeneralName.rfc822Name, "victim\0evil"),
            new GeneralName(
                GeneralName.otherName,
                new DERSequence(
                    new ASN1Encodable[] {
                      new ASN1ObjectIdentifier("1.2.3.4"),
                      new DERTaggedObject(0, new DERUTF8String("victim\0evil"))
                    })))) {
      byte[] extension = new DEROctetString(new GeneralNames(name).getEncoded()).getEncoded();
      assertThatThrownBy(() -> SubjectNames.parse(extension))
          .isInstanceOf(PkiException.class)
          .hasMessageContaining("NUL");
    }
  }

  @Test
  void refusesANameThatIsNestedWithoutEnd() throws IOException {
    byte[] nested = new byte[60_000];
    for (int i = 0; i < nested.length; i += 2) {
      nested[i] = 0x30;
      nested[i + 1] = (byte) 0x80;
    }
    byte[] extension = new DEROctetString(nested).getEncoded();

    assertThatThrownBy(() -> SubjectNames.parse(extension)).isInstanceOf(PkiException.class);
  }

  @Test
  void refusesACertificateForAnotherUse() {
    refused(
        forged().uri(SLEEP.toString()).purposes(KeyPurposeId.id_kp_emailProtection),
        Reason.BAD_USAGE);
    refused(
        forged().uri(SLEEP.toString()).purposes(KeyPurposeId.id_kp_serverAuth), Reason.BAD_USAGE);
    refused(forged().uri(SLEEP.toString()).keyUsage(KeyUsage.keyAgreement), Reason.BAD_USAGE);
    refused(
        forged().uri(SLEEP.toString()).keyUsage(KeyUsage.digitalSignature | KeyUsage.keyCertSign),
        Reason.BAD_USAGE);
    refused(forged().uri(SLEEP.toString()).ca(), Reason.BAD_USAGE);
  }

  @Test
  void refusesAForeignTrustDomainAndNamesTheAcceptedOnes() {
    assertThat(refused(forged().uri("spiffe://other.mesh/ns/a/sa/b"), Reason.FOREIGN_TRUST_DOMAIN))
        .contains("other.mesh")
        .contains("cluster.local");
  }

  @Test
  void refusesAnotherMeshsRootAndAForgedSignature() throws PkiException {
    CaCredentials stranger = TestAuthority.root();

    assertThat(refused(ForgedLeaf.of(stranger).uri(SLEEP.toString()), Reason.UNTRUSTED))
        .contains(Fingerprint.sha256Hex(root.root()).substring(0, 12));
    refused(
        forged().uri(SLEEP.toString()).signedBy(stranger.key(), "SHA256withECDSA"),
        Reason.UNTRUSTED);
  }

  @Test
  void refusesALeafThatAnotherLeafSigned() throws PkiException {
    WorkloadCertificate leaf =
        TestAuthority.authority(root).issue(KeyAlgorithm.DEFAULT, SLEEP, Duration.ofHours(1));
    X509Certificate below =
        forged().uri(SLEEP.toString()).signedBy(leaf.privateKey(), "SHA256withECDSA").sign();

    assertThat(verifier.verify(List.of(below, leaf.leaf()), PeerRole.CLIENT))
        .isInstanceOf(VerificationFailure.class);
  }

  @Test
  void refusesWhatIsExpiredOrNotYetValidAndTellsBothTimes() {
    String expired =
        refused(
            forged()
                .uri(SLEEP.toString())
                .between(NOW.minus(Duration.ofHours(2)), NOW.minus(Duration.ofHours(1))),
            Reason.EXPIRED);
    assertThat(expired).contains("2026-03-01T11:00:00Z").contains("2026-03-01T12:00:00Z");
    refused(
        forged()
            .uri(SLEEP.toString())
            .between(NOW.plus(Duration.ofHours(1)), NOW.plus(Duration.ofHours(2))),
        Reason.NOT_YET_VALID);
  }

  @Test
  void refusesWeakSignaturesAndKeys() throws Exception {
    refused(
        forged().uri(SLEEP.toString()).signedBy(root.key(), "SHA1withECDSA"),
        Reason.WEAK_ALGORITHM);
    KeyPairGenerator small = KeyPairGenerator.getInstance("RSA");
    small.initialize(1024);
    refused(forged().uri(SLEEP.toString()).keys(small.generateKeyPair()), Reason.WEAK_ALGORITHM);
  }

  @Test
  void refusesNothingAndTooMuchAndARootItself() {
    X509Certificate leaf = forged().uri(SLEEP.toString()).sign();

    assertThat(reason(verifier.verify(List.of(), PeerRole.CLIENT)))
        .isEqualTo(Reason.NO_CERTIFICATE);
    assertThat(reason(verifier.verify(Collections.nCopies(11, leaf), PeerRole.CLIENT)))
        .isEqualTo(Reason.MALFORMED);
    assertThat(verifier.verify(List.of(root.root()), PeerRole.CLIENT))
        .isInstanceOf(VerificationFailure.class);
  }

  @Test
  void acceptsTheRootAtTheEndOfAChain() {
    X509Certificate leaf = forged().uri(SLEEP.toString()).sign();

    assertThat(verifier.verify(List.of(leaf, root.root()), PeerRole.CLIENT))
        .isInstanceOf(VerifiedIdentity.class);
  }

  @Test
  void trustsNobodyByAnEmptyBundle() {
    PeerVerifier none = new PeerVerifier(TrustBundle.empty(), Set.of("cluster.local"), CLOCK);

    assertThat(reason(none.verify(List.of(forged().uri(SLEEP.toString()).sign()), PeerRole.CLIENT)))
        .isEqualTo(Reason.UNTRUSTED);
  }

  @Test
  void tellsTwoRootsOfOneNameApart() throws PkiException {
    CaCredentials other = TestAuthority.root();
    PeerVerifier both =
        new PeerVerifier(
            TrustBundle.of(other.root()).with(root.root()), Set.of("cluster.local"), CLOCK);

    for (CaCredentials issuer : List.of(root, other)) {
      assertThat(
              both.verify(
                  List.of(ForgedLeaf.of(issuer).uri(SLEEP.toString()).sign()), PeerRole.CLIENT))
          .isInstanceOf(VerifiedIdentity.class);
    }
  }

  @Test
  void doesNotRememberAPeerBeyondItsValidity() {
    AtomicReference<Instant> now = new AtomicReference<>(NOW);
    PeerVerifier moving = verifierAt(now::get);
    List<X509Certificate> chain = List.of(forged().uri(SLEEP.toString()).sign());

    assertThat(moving.verify(chain, PeerRole.CLIENT)).isInstanceOf(VerifiedIdentity.class);
    now.set(NOW.plus(Duration.ofHours(2)));
    assertThat(reason(moving.verify(chain, PeerRole.CLIENT))).isEqualTo(Reason.EXPIRED);
  }

  @Test
  void doesNotLiveOnAnExpiredRoot() throws PkiException {
    CaCredentials old =
        CaCredentials.selfSigned(ISTIOD, KeyAlgorithm.DEFAULT, Duration.ofMinutes(30), NOW, RANDOM);
    PeerVerifier later =
        new PeerVerifier(
            TrustBundle.of(old.root()),
            Set.of("cluster.local"),
            InstantSource.fixed(NOW.plus(Duration.ofMinutes(45))));

    assertThat(
            reason(
                later.verify(
                    List.of(ForgedLeaf.of(old).uri(SLEEP.toString()).sign()), PeerRole.CLIENT)))
        .isEqualTo(Reason.EXPIRED);
  }

  @Test
  void tellsATlsStackTheReasonInWords() {
    PeerTrustManager trust = new PeerTrustManager(() -> verifier);
    X509Certificate[] chain = {forged().uri("spiffe://other.mesh/ns/a/sa/b").sign()};

    assertThatThrownBy(() -> trust.checkClientTrusted(chain, "ECDHE_ECDSA"))
        .isInstanceOf(CertificateException.class)
        .hasMessageStartingWith("SLV1009 ");
  }

  private ForgedLeaf forged() {
    return ForgedLeaf.of(root);
  }

  private PeerVerifier verifierAt(InstantSource clock) {
    return new PeerVerifier(TrustBundle.of(root.root()), Set.of("cluster.local"), clock);
  }

  private String refused(ForgedLeaf leaf, Reason reason) {
    PeerVerification outcome = verifier.verify(List.of(leaf.sign()), PeerRole.CLIENT);
    assertThat(outcome).isInstanceOf(VerificationFailure.class);
    assertThat(reason(outcome)).as(outcome.toString()).isEqualTo(reason);
    return ((VerificationFailure) outcome).message();
  }

  private static Reason reason(PeerVerification outcome) {
    assertThat(outcome).isInstanceOf(VerificationFailure.class);
    return ((VerificationFailure) outcome).reason();
  }
}
