package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/**
 * A PKCS#10 request whose signature holds: proof that its sender has the private key.
 *
 * <p>Only the public key is kept. Subject and names of a request are the sender's wishes and never
 * reach a certificate.
 */
public final class CertificateRequest {
  /** The longest PEM text that is read; an RSA 4096 request has 1,700 characters. */
  public static final int MAX_CHARS = 16 * 1024;

  private static final Map<String, String> SIGNATURES =
      Map.of(
          "1.2.840.10045.4.3.2", "SHA256withECDSA",
          "1.2.840.10045.4.3.3", "SHA384withECDSA",
          "1.2.840.10045.4.3.4", "SHA512withECDSA",
          "1.2.840.113549.1.1.11", "SHA256withRSA",
          "1.2.840.113549.1.1.12", "SHA384withRSA",
          "1.2.840.113549.1.1.13", "SHA512withRSA");

  private final byte[] der;
  private final PublicKey publicKey;
  private final SubjectPublicKeyInfo keyInfo;

  private CertificateRequest(byte[] der, PublicKey publicKey, SubjectPublicKeyInfo keyInfo) {
    this.der = der;
    this.publicKey = publicKey;
    this.keyInfo = keyInfo;
  }

  /** Makes a request for a key, with an empty subject and no names. */
  public static CertificateRequest create(KeyPair keys) throws PkiException {
    KeyAlgorithm algorithm = KeyAlgorithm.of(keys.getPublic());
    try {
      SubjectPublicKeyInfo keyInfo =
          SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
      CertificationRequestInfo info =
          new CertificationRequestInfo(
              new X500Name(new org.bouncycastle.asn1.x500.RDN[0]),
              keyInfo,
              new DERSet()); // RFC 2986: attributes may be empty, not absent; Go insists
      byte[] signature =
          Signatures.sign(
              algorithm.signature(), keys.getPrivate(), info.getEncoded(ASN1Encoding.DER));
      CertificationRequest request =
          new CertificationRequest(
              info, CertificateBuilding.algorithmOf(algorithm), new DERBitString(signature));
      return new CertificateRequest(
          request.getEncoded(ASN1Encoding.DER), keys.getPublic(), keyInfo);
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new PkiException(Reason.SIGNING_FAILED, "cannot sign a certificate request", e);
    }
  }

  /** Reads and checks a request: size, one PEM block, structure, kind of key, signature. */
  public static CertificateRequest parse(String pem) throws PkiException {
    if (pem.isBlank()) {
      throw new PkiException(Reason.MALFORMED, "the certificate request is empty");
    }
    List<Pem.Block> blocks = Pem.blocks(pem, MAX_CHARS);
    if (blocks.size() != 1) {
      throw new PkiException(
          Reason.MALFORMED,
          "expected one PEM block CERTIFICATE REQUEST, found " + blocks.size() + " blocks");
    }
    Pem.Block block = blocks.getFirst();
    if (!block.label().equals("CERTIFICATE REQUEST")
        && !block.label().equals("NEW CERTIFICATE REQUEST")) {
      throw new PkiException(
          Reason.MALFORMED, "expected a PEM block CERTIFICATE REQUEST, found " + block.label());
    }
    return parse(block.der());
  }

  /** Reads and checks a request from DER. */
  public static CertificateRequest parse(byte[] der) throws PkiException {
    try {
      CertificationRequest request = CertificationRequest.getInstance(der);
      SubjectPublicKeyInfo keyInfo =
          request.getCertificationRequestInfo().getSubjectPublicKeyInfo();
      PublicKey key = publicKey(keyInfo);
      checkSignature(request, key);
      return new CertificateRequest(der.clone(), key, keyInfo);
    } catch (GeneralSecurityException | java.io.IOException | RuntimeException e) {
      throw new PkiException(
          Reason.MALFORMED, "not a readable PKCS#10 request: " + e.getMessage(), e);
    } catch (StackOverflowError e) {
      throw new PkiException(
          Reason.MALFORMED, "not a readable PKCS#10 request: it is nested too deeply");
    }
  }

  public PublicKey publicKey() {
    return publicKey;
  }

  public String pem() {
    return Pem.block("CERTIFICATE REQUEST", der);
  }

  SubjectPublicKeyInfo keyInfo() {
    return keyInfo;
  }

  /** RFC 5480 2.1.1: a curve is named; spelt out, it could be one of the sender's own making. */
  private static PublicKey publicKey(SubjectPublicKeyInfo info)
      throws GeneralSecurityException, java.io.IOException, PkiException {
    ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
    boolean ec = X9ObjectIdentifiers.id_ecPublicKey.equals(algorithm);
    if (!ec && !PKCSObjectIdentifiers.rsaEncryption.equals(algorithm)) {
      throw KeyAlgorithm.unsupported(algorithm.getId());
    }
    if (ec && !(info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier)) {
      throw new PkiException(
          Reason.WEAK_ALGORITHM, "an EC key whose curve is not named but spelt out");
    }
    PublicKey key = Signatures.publicKey(ec ? "EC" : "RSA", info.getEncoded(ASN1Encoding.DER));
    KeyAlgorithm.of(key);
    return key;
  }

  private static void checkSignature(CertificationRequest request, PublicKey key)
      throws GeneralSecurityException, java.io.IOException, PkiException {
    String oid = request.getSignatureAlgorithm().getAlgorithm().getId();
    String algorithm = SIGNATURES.get(oid);
    if (algorithm == null) {
      throw new PkiException(
          Reason.WEAK_ALGORITHM,
          "the request is signed by algorithm " + oid + ", which is not accepted");
    }
    byte[] signed = request.getCertificationRequestInfo().getEncoded(ASN1Encoding.DER);
    if (!algorithm.endsWith(key.getAlgorithm().equals("EC") ? "ECDSA" : "RSA")
        || !Signatures.verify(algorithm, key, signed, request.getSignature().getOctets())) {
      throw new PkiException(
          Reason.BAD_SIGNATURE,
          "the request is not signed by the key that it asks a certificate for");
    }
  }
}
