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
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A CA certificate with its key, of a shape that our own authority would not make.
 *
 * @param signature by which its key signs
 */
record ForgedAuthority(X509Certificate certificate, KeyPair keys, String signature) {
  static Shape named(String name) {
    return new Shape(name);
  }

  /** The JDK knows no names for RSASSA-PSS signatures; the library does. */
  static JcaContentSignerBuilder signer(String signature) {
    JcaContentSignerBuilder builder = new JcaContentSignerBuilder(signature);
    return signature.endsWith("MGF1") ? builder.setProvider(new BouncyCastleProvider()) : builder;
  }

  /** What goes into the certificate. */
  static final class Shape {
    private final X500Principal subject;
    private final List<Extension> extensions = new ArrayList<>();
    private KeyPair keys = KeyAlgorithm.DEFAULT.generate(RANDOM);
    private String signature = "SHA256withECDSA";
    private BasicConstraints constraints = new BasicConstraints(true);
    private int keyUsage = KeyUsage.keyCertSign;
    private Instant notBefore = NOW.minus(Duration.ofDays(1));
    private Instant notAfter = NOW.plus(Duration.ofDays(1));

    private Shape(String name) {
      this.subject = new X500Principal("O=" + name);
    }

    Shape keys(KeyPair pair, String signsBy) {
      keys = pair;
      signature = signsBy;
      return this;
    }

    Shape pathLength(int authorities) {
      constraints = new BasicConstraints(authorities);
      return this;
    }

    Shape noCa() {
      constraints = new BasicConstraints(false);
      return this;
    }

    Shape keyUsage(int bits) {
      keyUsage = bits;
      return this;
    }

    Shape between(Instant from, Instant until) {
      notBefore = from;
      notAfter = until;
      return this;
    }

    Shape purposes(KeyPurposeId... ids) {
      return extension(Extension.extendedKeyUsage, new ExtendedKeyUsage(ids));
    }

    /** Permits URI names of that host alone. */
    Shape permits(String host) {
      GeneralSubtree[] permitted = {
        new GeneralSubtree(new GeneralName(GeneralName.uniformResourceIdentifier, host))
      };
      return extension(Extension.nameConstraints, new NameConstraints(permitted, null));
    }

    private Shape extension(
        org.bouncycastle.asn1.ASN1ObjectIdentifier oid, org.bouncycastle.asn1.ASN1Object value) {
      try {
        extensions.add(new Extension(oid, true, value.getEncoded()));
        return this;
      } catch (java.io.IOException e) {
        throw new AssertionError(e);
      }
    }

    ForgedAuthority root() {
      return signed(subject, keys.getPrivate(), signature);
    }

    ForgedAuthority below(ForgedAuthority issuer) {
      return signed(
          issuer.certificate().getSubjectX500Principal(),
          issuer.keys().getPrivate(),
          issuer.signature());
    }

    private ForgedAuthority signed(X500Principal issuer, PrivateKey key, String signedBy) {
      try {
        JcaX509v3CertificateBuilder builder =
            new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.TEN,
                Date.from(notBefore),
                Date.from(notAfter),
                subject,
                keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, constraints);
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(keyUsage));
        for (Extension extension : extensions) {
          builder.addExtension(extension);
        }
        return new ForgedAuthority(
            Pem.certificate(builder.build(signer(signedBy).build(key)).getEncoded()),
            keys,
            signature);
      } catch (Exception e) {
        throw new AssertionError("cannot forge", e);
      }
    }
  }
}
