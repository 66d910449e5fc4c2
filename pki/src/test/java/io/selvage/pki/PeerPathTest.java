package io.selvage.pki;

import static io.selvage.pki.TestAuthority.CLOCK;
import static io.selvage.pki.TestAuthority.NOW;
import static io.selvage.pki.TestAuthority.RANDOM;
import static io.selvage.pki.TestAuthority.SLEEP;
import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.VerificationFailure.Reason;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;

class PeerPathTest {
  private static final ForgedAuthority ROOT = ForgedAuthority.named("root").root();
  private static final ForgedAuthority UPPER = ForgedAuthority.named("upper").below(ROOT);
  private static final ForgedAuthority LOWER = ForgedAuthority.named("lower").below(UPPER);
  private static final X509Certificate LEAF = leaf(LOWER);

  @Test
  void findsItsWayThroughAnyOrderThroughDuplicatesAndThroughStrangers() {
    X509Certificate stranger = ForgedAuthority.named("stranger").root().certificate();
    ForgedAuthority namesake = ForgedAuthority.named("upper").below(ROOT);

    for (List<X509Certificate> sent :
        List.of(
            List.of(LEAF, LOWER.certificate(), UPPER.certificate()),
            List.of(LEAF, UPPER.certificate(), LOWER.certificate()),
            List.of(LEAF, ROOT.certificate(), UPPER.certificate(), LOWER.certificate()),
            List.of(LEAF, LEAF, LOWER.certificate(), LOWER.certificate(), UPPER.certificate()),
            List.of(LEAF, stranger, LOWER.certificate(), UPPER.certificate(), stranger),
            List.of(LEAF, LOWER.certificate(), namesake.certificate(), UPPER.certificate()))) {
      assertThat(verify(ROOT, sent)).isInstanceOf(VerifiedIdentity.class);
    }
  }

  @Test
  void refusesAChainWithAGap() {
    assertThat(failure(ROOT, List.of(LEAF, UPPER.certificate())).reason())
        .isEqualTo(Reason.UNTRUSTED);
  }

  @Test
  void acceptsANewRootThatAnOldOneSignedWhicheverOfTheTwoIsTrusted() {
    ForgedAuthority old = ForgedAuthority.named("old").root();
    KeyPair keys = KeyAlgorithm.DEFAULT.generate(RANDOM);
    ForgedAuthority young = ForgedAuthority.named("new").keys(keys, "SHA256withECDSA").root();
    ForgedAuthority crossed = ForgedAuthority.named("new").keys(keys, "SHA256withECDSA").below(old);
    List<X509Certificate> sent = List.of(leaf(young), crossed.certificate());

    assertThat(verify(old, sent)).isInstanceOf(VerifiedIdentity.class);
    assertThat(verify(young, sent)).isInstanceOf(VerifiedIdentity.class);
  }

  @Test
  void prefersTheRootThatIsValidNowOfTwoWithOneKey() {
    KeyPair keys = KeyAlgorithm.DEFAULT.generate(RANDOM);
    ForgedAuthority expired =
        ForgedAuthority.named("root")
            .keys(keys, "SHA256withECDSA")
            .between(NOW.minus(Duration.ofDays(9)), NOW.minus(Duration.ofDays(1)))
            .root();
    ForgedAuthority renewed = ForgedAuthority.named("root").keys(keys, "SHA256withECDSA").root();
    PeerVerifier both =
        new PeerVerifier(
            TrustBundle.of(expired.certificate()).with(renewed.certificate()),
            Set.of("cluster.local"),
            CLOCK);

    assertThat(both.verify(List.of(leaf(renewed)), PeerRole.CLIENT))
        .isInstanceOf(VerifiedIdentity.class);
  }

  @Test
  void holdsThePathLengthOfAnIntermediateAndOfTheRoot() {
    ForgedAuthority narrow = ForgedAuthority.named("narrow").pathLength(0).below(ROOT);
    ForgedAuthority tooDeep = ForgedAuthority.named("deep").below(narrow);
    ForgedAuthority narrowRoot = ForgedAuthority.named("narrow root").pathLength(0).root();
    ForgedAuthority below = ForgedAuthority.named("below").below(narrowRoot);

    assertThat(verify(ROOT, List.of(leaf(narrow), narrow.certificate())))
        .isInstanceOf(VerifiedIdentity.class);
    assertThat(
            failure(ROOT, List.of(leaf(tooDeep), tooDeep.certificate(), narrow.certificate()))
                .message())
        .contains("O=deep");
    assertThat(verify(narrowRoot, List.of(leaf(narrowRoot)))).isInstanceOf(VerifiedIdentity.class);
    assertThat(failure(narrowRoot, List.of(leaf(below), below.certificate())).reason())
        .isEqualTo(Reason.UNTRUSTED);
  }

  @Test
  void holdsTheNameConstraintsOfAnIntermediateAndOfTheRoot() {
    for (String host : List.of("cluster.local", "other.mesh")) {
      boolean permitted = host.equals("cluster.local");
      ForgedAuthority constrained = ForgedAuthority.named("constrained").permits(host).below(ROOT);
      ForgedAuthority constrainedRoot = ForgedAuthority.named("root").permits(host).root();

      assertThat(
              verify(ROOT, List.of(leaf(constrained), constrained.certificate()))
                  instanceof VerifiedIdentity)
          .isEqualTo(permitted);
      assertThat(
              verify(constrainedRoot, List.of(leaf(constrainedRoot))) instanceof VerifiedIdentity)
          .isEqualTo(permitted);
    }
  }

  @Test
  void refusesAnIssuerThatMayNotIssue() {
    for (ForgedAuthority unfit :
        List.of(
            ForgedAuthority.named("no ca").noCa().below(ROOT),
            ForgedAuthority.named("no usage").keyUsage(KeyUsage.digitalSignature).below(ROOT))) {
      assertThat(failure(ROOT, List.of(leaf(unfit), unfit.certificate())).reason())
          .isEqualTo(Reason.UNTRUSTED);
    }
    ForgedAuthority mail =
        ForgedAuthority.named("mail").purposes(KeyPurposeId.id_kp_emailProtection).below(ROOT);
    ForgedAuthority mailRoot =
        ForgedAuthority.named("mail").purposes(KeyPurposeId.id_kp_emailProtection).root();
    assertThat(failure(ROOT, List.of(leaf(mail), mail.certificate())).reason())
        .isEqualTo(Reason.BAD_USAGE);
    assertThat(failure(mailRoot, List.of(leaf(mailRoot))).reason()).isEqualTo(Reason.BAD_USAGE);
    ForgedAuthority rootWithoutUsage =
        ForgedAuthority.named("root").keyUsage(KeyUsage.cRLSign).root();
    assertThat(failure(rootWithoutUsage, List.of(leaf(rootWithoutUsage))).reason())
        .isEqualTo(Reason.UNTRUSTED);
  }

  @Test
  void tellsWhichIssuerIsExpired() {
    ForgedAuthority expired =
        ForgedAuthority.named("lapsed")
            .between(NOW.minus(Duration.ofDays(3)), NOW.minus(Duration.ofDays(1)))
            .below(ROOT);
    VerificationFailure failure = failure(ROOT, List.of(leaf(expired), expired.certificate()));

    assertThat(failure.reason()).isEqualTo(Reason.EXPIRED);
    assertThat(failure.message())
        .contains("O=lapsed")
        .contains("2026-02-28T12:00:00Z")
        .contains("2026-03-01T12:00:00Z");
  }

  @Test
  void refusesWeaknessAnywhereInThePathTheRootsKeyIncluded() throws Exception {
    KeyPair weak = rsa(1024);
    ForgedAuthority weakRoot = ForgedAuthority.named("weak").keys(weak, "SHA256withRSA").root();
    ForgedAuthority weakMiddle =
        ForgedAuthority.named("weak").keys(weak, "SHA256withRSA").below(ROOT);
    KeyPair strong = rsa(2048);
    ForgedAuthority sha1 = ForgedAuthority.named("sha1").keys(strong, "SHA1withRSA").root();

    assertThat(failure(weakRoot, List.of(leaf(weakRoot))).reason())
        .isEqualTo(Reason.WEAK_ALGORITHM);
    assertThat(failure(ROOT, List.of(leaf(weakMiddle), weakMiddle.certificate())).reason())
        .isEqualTo(Reason.WEAK_ALGORITHM);
    assertThat(failure(sha1, List.of(leaf(sha1))).reason()).isEqualTo(Reason.WEAK_ALGORITHM);
  }

  @Test
  void acceptsRsaPssByShaTwoAlone() throws Exception {
    KeyPair keys = rsa(2048);
    ForgedAuthority good = ForgedAuthority.named("pss").keys(keys, "SHA256withRSAandMGF1").root();
    ForgedAuthority bad = ForgedAuthority.named("pss").keys(keys, "SHA1withRSAandMGF1").root();

    assertThat(verify(good, List.of(leaf(good)))).isInstanceOf(VerifiedIdentity.class);
    assertThat(failure(bad, List.of(leaf(bad))).reason()).isEqualTo(Reason.WEAK_ALGORITHM);
  }

  @Test
  void aRootOfOneTrustDomainDoesNotVouchForAnother() {
    ForgedAuthority other = ForgedAuthority.named("other").root();
    PeerVerifier federated =
        PeerVerifier.federated(
            Map.of(
                "cluster.local", TrustBundle.of(ROOT.certificate()),
                "other.mesh", TrustBundle.of(other.certificate())),
            CLOCK);
    String guest = "spiffe://other.mesh/ns/a/sa/b";

    assertThat(federated.verify(List.of(ForgedLeaf.of(other).uri(guest).sign()), PeerRole.CLIENT))
        .isInstanceOf(VerifiedIdentity.class);
    assertThat(federated.verify(List.of(leaf(other)), PeerRole.CLIENT))
        .isInstanceOfSatisfying(
            VerificationFailure.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.UNTRUSTED));
    assertThat(federated.verify(List.of(ForgedLeaf.of(ROOT).uri(guest).sign()), PeerRole.CLIENT))
        .isInstanceOf(VerificationFailure.class);
    assertThat(federated.bundle().roots())
        .containsExactlyInAnyOrder(ROOT.certificate(), other.certificate());
  }

  @Test
  void refusesACriticalExtensionThatNobodyKnowsAndPassesAnOptionalOne() throws Exception {
    byte[] value = new DEROctetString(new byte[] {1, 2, 3}).getEncoded();

    assertThat(
            failure(
                    ROOT,
                    List.of(
                        ForgedLeaf.of(ROOT)
                            .uri(SLEEP.toString())
                            .extension("1.3.6.1.4.1.99999.1", true, value)
                            .sign()))
                .reason())
        .isEqualTo(Reason.UNTRUSTED);
    assertThat(
            verify(
                ROOT,
                List.of(
                    ForgedLeaf.of(ROOT)
                        .uri(SLEEP.toString())
                        .extension("1.3.6.1.4.1.99999.1", false, value)
                        .sign())))
        .isInstanceOf(VerifiedIdentity.class);
  }

  @Test
  void refusesCertificatesOfExcessiveSize() throws Exception {
    byte[] huge = new DEROctetString(new byte[70_000]).getEncoded();
    X509Certificate swollen =
        ForgedLeaf.of(ROOT)
            .uri(SLEEP.toString())
            .extension("1.3.6.1.4.1.99999.1", false, huge)
            .sign();

    assertThat(failure(ROOT, List.of(swollen)).reason()).isEqualTo(Reason.MALFORMED);
  }

  @Test
  void otherKindsOfNamesBesideTheOneUriChangeNothing() {
    ForgedLeaf leaf =
        ForgedLeaf.of(ROOT)
            .uri(SLEEP.toString())
            .name(GeneralName.dNSName, "spiffe://cluster.local/ns/kube-system/sa/admin")
            .name(GeneralName.rfc822Name, "admin@cluster.local")
            .name(GeneralName.iPAddress, "10.0.0.1");

    assertThat(verify(ROOT, List.of(leaf.sign())))
        .isInstanceOfSatisfying(
            VerifiedIdentity.class, identity -> assertThat(identity.spiffeId()).isEqualTo(SLEEP));
  }

  @Test
  void saysThatARootOfTheNameIsThereWithAnotherKey() {
    ForgedAuthority namesake = ForgedAuthority.named("root").root();

    assertThat(failure(ROOT, List.of(leaf(namesake))).message()).contains("with another key");
    assertThat(failure(ROOT, List.of(leaf(ForgedAuthority.named("else").root()))).message())
        .contains("no root of that name");
  }

  private static PeerVerification verify(ForgedAuthority root, List<X509Certificate> sent) {
    return new PeerVerifier(TrustBundle.of(root.certificate()), Set.of("cluster.local"), CLOCK)
        .verify(sent, PeerRole.CLIENT);
  }

  private static VerificationFailure failure(ForgedAuthority root, List<X509Certificate> sent) {
    PeerVerification outcome = verify(root, sent);
    assertThat(outcome).isInstanceOf(VerificationFailure.class);
    return (VerificationFailure) outcome;
  }

  private static X509Certificate leaf(ForgedAuthority issuer) {
    return ForgedLeaf.of(issuer).uri(SLEEP.toString()).sign();
  }

  private static KeyPair rsa(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }
}
