package io.selvage.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/** Puts a certificate's parts together and signs them; knows no policy. */
final class CertificateBuilding {
  private CertificateBuilding() {}

  /** The parts that differ from one certificate to the next. */
  record Parts(
      X500Name issuer,
      X500Name subject,
      SubjectPublicKeyInfo key,
      Instant notBefore,
      Instant notAfter,
      BigInteger serial,
      Extensions extensions) {}

  /** Signs and returns the certificate's DER. */
  static byte[] sign(Parts parts, KeyAlgorithm issuerAlgorithm, PrivateKey issuerKey)
      throws GeneralSecurityException, IOException {
    AlgorithmIdentifier algorithm = algorithmOf(issuerAlgorithm);
    V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
    generator.setSerialNumber(new ASN1Integer(parts.serial()));
    generator.setSignature(algorithm);
    generator.setIssuer(parts.issuer());
    generator.setStartDate(new Time(Date.from(parts.notBefore())));
    generator.setEndDate(new Time(Date.from(parts.notAfter())));
    generator.setSubject(parts.subject());
    generator.setSubjectPublicKeyInfo(parts.key());
    generator.setExtensions(parts.extensions());
    TBSCertificate body = generator.generateTBSCertificate();
    byte[] signature =
        Signatures.sign(issuerAlgorithm.signature(), issuerKey, body.getEncoded(ASN1Encoding.DER));
    return new DERSequence(
            new org.bouncycastle.asn1.ASN1Encodable[] {
              body, algorithm, new DERBitString(signature)
            })
        .getEncoded(ASN1Encoding.DER);
  }

  /** RFC 5280 4.1.2.2: positive; 128 random bits, as Istio's. */
  static BigInteger randomSerial(SecureRandom random) {
    BigInteger serial;
    do {
      serial = new BigInteger(128, random);
    } while (serial.signum() == 0);
    return serial;
  }

  static X500Name name(X500Principal principal) {
    return X500Name.getInstance(principal.getEncoded());
  }

  /** RFC 5280 4.2.1.2, method 1: SHA-1 of the key's bits; a name, not a protection. */
  static byte[] keyIdentifier(SubjectPublicKeyInfo key) {
    try {
      return MessageDigest.getInstance("SHA-1").digest(key.getPublicKeyData().getBytes());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  static AlgorithmIdentifier algorithmOf(KeyAlgorithm algorithm) {
    return switch (algorithm.signature()) {
      case "SHA256withECDSA" -> new AlgorithmIdentifier(oid("1.2.840.10045.4.3.2"));
      case "SHA384withECDSA" -> new AlgorithmIdentifier(oid("1.2.840.10045.4.3.3"));
      case "SHA256withRSA" ->
          new AlgorithmIdentifier(oid("1.2.840.113549.1.1.11"), DERNull.INSTANCE);
      case "SHA384withRSA" ->
          new AlgorithmIdentifier(oid("1.2.840.113549.1.1.12"), DERNull.INSTANCE);
      default -> throw new IllegalStateException("no identifier for " + algorithm.signature());
    };
  }

  private static ASN1ObjectIdentifier oid(String dotted) {
    return new ASN1ObjectIdentifier(dotted);
  }
}
