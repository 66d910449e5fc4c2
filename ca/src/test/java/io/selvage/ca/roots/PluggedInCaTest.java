package io.selvage.ca.roots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.ca.MovableClock;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.PkiException;
import io.selvage.pki.PkiException.Reason;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
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

  private void refused(Reason reason, String words) {
    assertThatThrownBy(() -> PluggedInCa.load(directory, clock.instant()))
        .isInstanceOfSatisfying(
            PkiException.class, e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason))
        .hasMessageContaining(words)
        .hasMessageContaining("plug-in CA");
  }

  private void writeRsaRoot(int bits, String signature) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    KeyPair keys = generator.generateKeyPair();
    X500Principal name = new X500Principal("O=cluster.local");
    String pem =
        Pem.of(
            Pem.certificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.TWO,
                        Date.from(clock.instant().minusSeconds(60)),
                        Date.from(clock.instant().plusSeconds(3600)),
                        name,
                        keys.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
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
