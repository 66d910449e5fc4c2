package io.selvage.proxy;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate that the mesh's authority would not issue, signed with its key: what a stolen or a
 * careless authority's customers might show.
 *
 * @param names subject alternative names
 * @param purpose extended key usage
 * @param valid from now on; negative: until so long ago
 */
record ForgedCertificate(List<GeneralName> names, KeyPurposeId purpose, Duration valid) {
  static ForgedCertificate of(GeneralName... names) {
    return new ForgedCertificate(
        List.of(names), KeyPurposeId.id_kp_clientAuth, Duration.ofHours(1));
  }

  static GeneralName uri(String text) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, text);
  }

  static GeneralName dns(String text) {
    return new GeneralName(GeneralName.dNSName, text);
  }

  ForgedCertificate with(KeyPurposeId other) {
    return new ForgedCertificate(names, other, valid);
  }

  ForgedCertificate expired() {
    return new ForgedCertificate(names, purpose, Duration.ofHours(-1));
  }

  /** Signs it and puts it with its chain into a client. */
  TlsClient client(CaCredentials issuer) throws Exception {
    KeyPair keys = KeyAlgorithm.ECDSA_P256.generate(new SecureRandom());
    Instant until = Instant.now().plus(valid);
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer.issuer().getSubjectX500Principal(),
            BigInteger.TWO,
            Date.from(until.minus(Duration.ofHours(2))),
            Date.from(until),
            new X500Principal(""),
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
    builder.addExtension(
        Extension.subjectAlternativeName,
        true,
        new GeneralNames(names.toArray(new GeneralName[0])));
    Certificate leaf =
        Pem.certificate(
            builder
                .build(
                    new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(Pem.privateKey(issuer.privateKeyPem())))
                .getEncoded());
    return TlsClient.of(keys.getPrivate(), leaf);
  }
}
