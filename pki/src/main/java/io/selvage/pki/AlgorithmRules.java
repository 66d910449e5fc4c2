package io.selvage.pki;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.jspecify.annotations.Nullable;

/** Which signatures and keys a certificate of the mesh may carry. */
public final class AlgorithmRules {
  private static final String RSASSA_PSS = "1.2.840.113549.1.1.10";
  private static final Set<String> PSS_HASHES =
      Set.of(
          "2.16.840.1.101.3.4.2.1", // SHA-256
          "2.16.840.1.101.3.4.2.2", // SHA-384
          "2.16.840.1.101.3.4.2.3"); // SHA-512
  private static final Set<String> SIGNATURES =
      Set.of(
          "1.2.840.10045.4.3.2", // ecdsa-with-SHA256
          "1.2.840.10045.4.3.3", // ecdsa-with-SHA384
          "1.2.840.10045.4.3.4", // ecdsa-with-SHA512
          "1.2.840.113549.1.1.11", // sha256WithRSAEncryption
          "1.2.840.113549.1.1.12", // sha384WithRSAEncryption
          "1.2.840.113549.1.1.13", // sha512WithRSAEncryption
          RSASSA_PSS); // whose hash stands in its parameters

  private AlgorithmRules() {}

  /** What is too weak about a certificate's signature or key, in words; empty when nothing is. */
  public static Optional<String> weaknessOf(X509Certificate certificate) {
    return Optional.ofNullable(problemOf(certificate));
  }

  /** What is too weak about a certificate, in words; null when nothing is. */
  static @Nullable String problemOf(X509Certificate certificate) {
    if (!SIGNATURES.contains(certificate.getSigAlgOID())) {
      return "the signature algorithm " + certificate.getSigAlgName() + ", which is not accepted";
    }
    if (certificate.getSigAlgOID().equals(RSASSA_PSS)
        && !PSS_HASHES.contains(pssHash(certificate.getSigAlgParams()))) {
      return "an RSASSA-PSS signature whose hash is not SHA-256, SHA-384 or SHA-512";
    }
    return problemOf(certificate.getPublicKey());
  }

  /** What is too weak about a key, in words; null when nothing is. */
  static @Nullable String problemOf(PublicKey key) {
    try {
      KeyAlgorithm.of(key);
      return null;
    } catch (PkiException e) {
      return e.getMessage();
    }
  }

  /** RFC 4055 3.1: without parameters, or without a hash in them, it is SHA-1. */
  private static String pssHash(byte @Nullable [] parameters) {
    return parameters == null
        ? ""
        : RSASSAPSSparams.getInstance(parameters).getHashAlgorithm().getAlgorithm().getId();
  }
}
