package io.selvage.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTCTime;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;

/** Puts a certificate's parts together and signs them; knows no policy. */
final class CertificateBuilding {
  private static final DateTimeFormatter UTC_TIME = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'");
  private static final DateTimeFormatter GENERALIZED_TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

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
    generator.setStartDate(time(parts.notBefore()));
    generator.setEndDate(time(parts.notAfter()));
    generator.setSubject(parts.subject());
    generator.setSubjectPublicKeyInfo(parts.key());
    generator.setExtensions(parts.extensions());
    byte[] body = generator.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
    byte[] signature = Signatures.sign(issuerAlgorithm.signature(), issuerKey, body);
    ASN1Encodable[] certificate = {asEncoded(body), algorithm, new DERBitString(signature)};
    return new DERSequence(certificate).getEncoded(ASN1Encoding.DER);
  }

  /** The structure that those bytes hold, which is written again without being taken apart. */
  private static ASN1Primitive asEncoded(byte[] der) throws IOException {
    try (ASN1InputStream in = new ASN1InputStream(der, true)) {
      return in.readObject();
    }
  }

  /**
   * RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime after. Written here since the library's
   * own conversion, by way of a date format, took a twelfth of an issuance.
   */
  private static Time time(Instant instant) {
    ZonedDateTime utc = instant.atZone(ZoneOffset.UTC);
    return utc.getYear() < 2050
        ? new Time(new ASN1UTCTime(UTC_TIME.format(utc)))
        : new Time(new ASN1GeneralizedTime(GENERALIZED_TIME.format(utc)));
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

  /** An issuer's own identifier when it has one, since verifiers compare the two. */
  static byte[] keyIdentifier(X509Certificate issuer) {
    byte[] value = issuer.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    return value == null
        ? keyIdentifier(SubjectPublicKeyInfo.getInstance(issuer.getPublicKey().getEncoded()))
        : SubjectKeyIdentifier.getInstance(ASN1OctetString.getInstance(value).getOctets())
            .getKeyIdentifier();
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
