package io.selvage.ca.roots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.ca.LoopbackCa.MemoryStore;
import io.selvage.ca.MovableClock;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.PkiException.Reason;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluggedInCaTest {
  private final MovableClock clock = new MovableClock();
  private final SecureRandom random = new SecureRandom();
  private final CaProfile profile = new CaProfile.Istiod("cluster.local");
  @TempDir Path directory;
  private CaCredentials root;
  private CaCredentials issuer;

  @BeforeEach
  void writeAGoodOne() throws Exception {
    root = root();
    issuer =
        root.intermediate(
            profile, KeyAlgorithm.DEFAULT, Duration.ofDays(30), clock.instant(), random);
    write("ca-cert.pem", Pem.of(issuer.issuer()));
    write("ca-key.pem", issuer.privateKeyPem());
    write("cert-chain.pem", Pem.of(issuer.issuer()) + Pem.of(root.root()));
    write("root-cert.pem", Pem.of(root.root()));
  }

  @Test
  void signsByTheIntermediate() throws Exception {
    PluggedInCa loaded = PluggedInCa.load(directory, clock.instant());

    assertThat(loaded.credentials().chain()).containsExactly(issuer.issuer(), root.root());
    assertThat(loaded.roots().contains(root.root())).isTrue();
  }

  @Test
  void worksWithAChainThatLeavesTheRootOut() throws Exception {
    write("cert-chain.pem", Pem.of(issuer.issuer()));

    assertThat(PluggedInCa.load(directory, clock.instant()).credentials().root())
        .isEqualTo(root.root());
  }

  @Test
  void saysThatTheKeyDoesNotMatch() throws Exception {
    write("ca-key.pem", root.privateKeyPem());

    refused(Reason.KEY_MISMATCH, "does not belong");
  }

  @Test
  void saysThatTheCertificateIsNoCa() throws Exception {
    WorkloadCertificate leaf =
        new CertificateAuthority(root, profile, CertificateAuthority.Limits.DEFAULT, clock, random)
            .issue(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload("cluster.local", "a", "b"),
                Duration.ofHours(1));
    write("ca-cert.pem", leaf.chainPem());
    write("ca-key.pem", leaf.privateKeyPem());

    refused(Reason.NOT_A_CA, "not CA:TRUE");
  }

  @Test
  void saysWhereTheChainBreaks() throws Exception {
    write("cert-chain.pem", Pem.of(issuer.issuer()));
    write("root-cert.pem", Pem.of(root().root()));

    refused(Reason.BROKEN_CHAIN, "neither cert-chain.pem nor root-cert.pem");
  }

  @Test
  void saysThatItIsExpiredAndWhen() {
    clock.advance(Duration.ofDays(31));

    refused(Reason.EXPIRED, "expired at 2026-03-31T12:00:00Z");
  }

  @Test
  void saysWhatIsTooWeak() throws Exception {
    writeRsaRoot(1024, "SHA256withRSA");
    refused(Reason.WEAK_ALGORITHM, "RSA key of 1024 bits");
    writeRsaRoot(2048, "SHA1withRSA");
    refused(Reason.WEAK_ALGORITHM, "SHA1withRSA");
    writeRsaRoot(2048, "SHA256withRSA");
    assertThat(PluggedInCa.load(directory, clock.instant()).credentials().chain()).hasSize(1);
  }

  @Test
  void namesTheFileThatIsMissingOrNoPem() throws Exception {
    write("root-cert.pem", "nothing here");
    refused(Reason.MALFORMED, "root-cert.pem");
    Files.delete(directory.resolve("ca-key.pem"));
    refused(Reason.MALFORMED, "ca-key.pem");
  }

  @Test
  void readsWhatEditorsAndToolsMakeOfTheFiles() throws Exception {
    String chain = Pem.of(root.root()) + Pem.of(issuer.issuer()); // in the wrong order too
    write("cert-chain.pem", "\uFEFF" + chain.replace("\n", "\r\n"));
    write("ca-cert.pem", "subject=O = cluster.local\n" + Pem.of(issuer.issuer()) + "\n\n");
    write("root-cert.pem", "# the roots\r\n" + Pem.of(root.root()).replace("\n", "  \r\n"));

    assertThat(PluggedInCa.load(directory, clock.instant()).credentials().chain())
        .containsExactly(issuer.issuer(), root.root());
  }

  @Test
  void findsTheIssuersThatStandBehindTheCaItself() throws Exception {
    write("ca-cert.pem", Pem.of(issuer.chain()));
    write("cert-chain.pem", Pem.of(issuer.issuer()));

    assertThat(PluggedInCa.load(directory, clock.instant()).credentials().chain())
        .containsExactly(issuer.issuer(), root.root());
  }

  @Test
  void readsEachFormOfAKey() throws Exception {
    PrivateKeyInfo pkcs8 =
        PrivateKeyInfo.getInstance(Pem.privateKey(issuer.privateKeyPem()).getEncoded());
    write(
        "ca-key.pem",
        pem("EC PARAMETERS", pkcs8.getPrivateKeyAlgorithm().getParameters())
            + pem("EC PRIVATE KEY", sec1(pkcs8)));
    assertThat(PluggedInCa.load(directory, clock.instant()).credentials().issuer())
        .isEqualTo(issuer.issuer());

    writeRsaRoot(2048, "SHA256withRSA");
    PrivateKeyInfo rsa =
        PrivateKeyInfo.getInstance(
            Pem.privateKey(Files.readString(directory.resolve("ca-key.pem"))).getEncoded());
    write("ca-key.pem", pem("RSA PRIVATE KEY", rsa.parsePrivateKey()));
    assertThat(PluggedInCa.load(directory, clock.instant()).credentials().chain()).hasSize(1);
  }

  @Test
  void trustsAllRootsOfTheFileForAsLongAsItNamesThem() throws Exception {
    CaCredentials other = root();
    write("root-cert.pem", Pem.of(root.root()) + Pem.of(other.root()));
    MemoryStore store = new MemoryStore();

    CertificateAuthorityService first = opened(store);
    first.federate(TrustBundle.of(root().root()));

    assertThat(first.bundle().roots()).hasSize(3).contains(root.root(), other.root());
    write("root-cert.pem", Pem.of(root.root()));
    assertThat(opened(store).bundle().contains(other.root())).isFalse();
  }

  @Test
  void takesUpANewIssuerBelowTheSameRootAtTheNextStart() throws Exception {
    MemoryStore store = new MemoryStore();
    opened(store);
    CaCredentials renewed =
        root.intermediate(
            profile, KeyAlgorithm.DEFAULT, Duration.ofDays(60), clock.instant(), random);
    write("ca-cert.pem", Pem.of(renewed.issuer()));
    write("ca-key.pem", renewed.privateKeyPem());
    write("cert-chain.pem", Pem.of(renewed.issuer()));

    assertThat(opened(store).signing().authority().credentials().issuer())
        .isEqualTo(renewed.issuer());
    assertThat(opened(store).generation()).isEqualTo(2);
  }

  @Test
  void doesNotChangeToAnotherRootWithoutARotation() throws Exception {
    MemoryStore store = new MemoryStore();
    opened(store);
    CaCredentials other = root();
    write("ca-cert.pem", Pem.of(other.root()));
    write("ca-key.pem", other.privateKeyPem());
    write("cert-chain.pem", Pem.of(other.root()));
    write("root-cert.pem", Pem.of(other.root()) + Pem.of(root.root()));

    CertificateAuthorityService authority = opened(store);

    assertThat(authority.signing().authority().root()).isEqualTo(root.root());
    assertThat(authority.bundle().contains(other.root())).isTrue();
    authority.beginRotation(PluggedInCa.load(directory, clock.instant()).credentials());
    authority.switchSigning(Set.of());
    assertThat(authority.signing().authority().root()).isEqualTo(other.root());
    assertThatThrownBy(() -> authority.dropOldRoot(Duration.ZERO, Optional.of(Set.of())))
        .hasMessageContaining("root-cert.pem");
    write("root-cert.pem", Pem.of(other.root()));
    CertificateAuthorityService restarted = opened(store);
    restarted.dropOldRoot(Duration.ZERO, Optional.of(Set.of()));
    assertThat(restarted.bundle().roots()).containsExactly(other.root());
  }

  @Test
  void refusesACaWhoseConstraintsForbidTheMeshsNames() throws Exception {
    GeneralSubtree[] permitted = {
      new GeneralSubtree(new GeneralName(GeneralName.uniformResourceIdentifier, "other.mesh"))
    };
    writeRsaRoot(
        2048,
        "SHA256withRSA",
        new Extension(
            Extension.nameConstraints, true, new NameConstraints(permitted, null).getEncoded()));
    MemoryStore store = new MemoryStore();

    assertThatThrownBy(() -> opened(store))
        .isInstanceOf(PkiException.class)
        .hasMessageContaining("every peer would refuse");
    assertThat(store.load()).isEmpty();
  }

  private CertificateAuthorityService opened(MemoryStore store) throws Exception {
    return CertificateAuthorityService.open(
        CertificateAuthorityService.Settings.of(profile, "cluster.local"),
        store,
        PluggedInCa.load(directory, clock.instant()),
        clock,
        random);
  }

  private static String pem(String label, ASN1Encodable value) throws Exception {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(value.toASN1Primitive().getEncoded())
        + "\n-----END "
        + label
        + "-----\n";
  }

  /** As openssl writes it: the curve inside the key. */
  private static ECPrivateKey sec1(PrivateKeyInfo info) throws Exception {
    ECPrivateKey bare = ECPrivateKey.getInstance(info.parsePrivateKey());
    return new ECPrivateKey(256, bare.getKey(), info.getPrivateKeyAlgorithm().getParameters());
  }

  private void refused(Reason reason, String words) {
    assertThatThrownBy(() -> PluggedInCa.load(directory, clock.instant()))
        .isInstanceOfSatisfying(
            PkiException.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
        .hasMessageContaining(words)
        .hasMessageContaining("plug-in CA");
  }

  private void writeRsaRoot(int bits, String signature, Extension... more) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    KeyPair keys = generator.generateKeyPair();
    X500Principal name = new X500Principal("O=cluster.local");
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
                name,
                BigInteger.TWO,
                Date.from(clock.instant().minusSeconds(60)),
                Date.from(clock.instant().plusSeconds(3600)),
                name,
                keys.getPublic())
            .addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    for (Extension extension : more) {
      builder.addExtension(extension);
    }
    String pem =
        Pem.of(
            Pem.certificate(
                builder
                    .build(new JcaContentSignerBuilder(signature).build(keys.getPrivate()))
                    .getEncoded()));
    write("ca-cert.pem", pem);
    write("cert-chain.pem", pem);
    write("root-cert.pem", pem);
    write("ca-key.pem", Pem.ofPrivateKey(keys.getPrivate()));
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(directory.resolve(name), text);
  }

  private CaCredentials root() throws PkiException {
    return CaCredentials.selfSigned(
        profile, KeyAlgorithm.DEFAULT, Duration.ofDays(365), clock.instant(), random);
  }
}
