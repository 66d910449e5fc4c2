package io.selvage.pki;

import static io.selvage.pki.TestAuthority.NOW;
import static io.selvage.pki.TestAuthority.RANDOM;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;

/** Leaves that our own authority would never sign, by a key that it holds. */
final class ForgedLeaf {
  private final X500Principal issuer;
  private final List<GeneralName> names = new ArrayList<>();
  private final List<Extension> more = new ArrayList<>();
  private KeyPair keys = KeyAlgorithm.DEFAULT.generate(RANDOM);
  private PrivateKey signingKey;
  private String signature = "SHA256withECDSA";
  private Instant notBefore = NOW.minus(Duration.ofMinutes(1));
  private Instant notAfter = NOW.plus(Duration.ofHours(1));
  private boolean ca;
  private int keyUsage = KeyUsage.digitalSignature | KeyUsage.keyEncipherment;
  private KeyPurposeId[] purposes = {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth};
  private String subject = "";

  private ForgedLeaf(X500Principal issuer, PrivateKey signingKey) {
    this.issuer = issuer;
    this.signingKey = signingKey;
  }

  static ForgedLeaf of(CaCredentials issuer) {
    return new ForgedLeaf(issuer.issuer().getSubjectX500Principal(), issuer.key());
  }

  static ForgedLeaf of(ForgedAuthority issuer) {
    return new ForgedLeaf(
            issuer.certificate().getSubjectX500Principal(), issuer.keys().getPrivate())
        .signedBy(issuer.keys().getPrivate(), issuer.signature());
  }

  ForgedLeaf uri(String uri) {
    return name(GeneralName.uniformResourceIdentifier, uri);
  }

  ForgedLeaf name(int tag, String text) {
    names.add(new GeneralName(tag, text));
    return this;
  }

  ForgedLeaf subject(String text) {
    subject = text;
    return this;
  }

  ForgedLeaf between(Instant from, Instant until) {
    notBefore = from;
    notAfter = until;
    return this;
  }

  ForgedLeaf ca() {
    ca = true;
    return this;
  }

  ForgedLeaf keyUsage(int bits) {
    keyUsage = bits;
    return this;
  }

  ForgedLeaf purposes(KeyPurposeId... ids) {
    purposes = ids;
    return this;
  }

  /** An extension of any kind, its value in DER. */
  ForgedLeaf extension(String oid, boolean critical, byte[] value) {
    more.add(new Extension(new ASN1ObjectIdentifier(oid), critical, value));
    return this;
  }

  ForgedLeaf signedBy(PrivateKey key, String algorithm) {
    signingKey = key;
    signature = algorithm;
    return this;
  }

  ForgedLeaf keys(KeyPair pair) {
    keys = pair;
    return this;
  }

  X509Certificate sign() {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              BigInteger.TWO,
              Date.from(notBefore),
              Date.from(notAfter),
              new X500Principal(subject),
              keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
      if (purposes.length > 0) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      }
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            true,
            new GeneralNames(names.toArray(new GeneralName[0])));
      }
      for (Extension extension : more) {
        builder.addExtension(extension);
      }
      return Pem.certificate(
          builder.build(ForgedAuthority.signer(signature).build(signingKey)).getEncoded());
    } catch (Exception e) {
      throw new AssertionError("cannot forge", e);
    }
  }
}
