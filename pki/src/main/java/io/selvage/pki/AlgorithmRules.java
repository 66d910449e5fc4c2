package io.selvage.pki;

import java.security.cert.X509Certificate;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which signatures and keys a certificate of the mesh may carry. */
final class AlgorithmRules {
  private static final Set<String> SIGNATURES =
      Set.of(
          "1.2.840.10045.4.3.2", // ecdsa-with-SHA256
          "1.2.840.10045.4.3.3", // ecdsa-with-SHA384
          "1.2.840.10045.4.3.4", // ecdsa-with-SHA512
          "1.2.840.113549.1.1.11", // sha256WithRSAEncryption
          "1.2.840.113549.1.1.12", // sha384WithRSAEncryption
          "1.2.840.113549.1.1.13", // sha512WithRSAEncryption
          "1.2.840.113549.1.1.10"); // RSASSA-PSS, whose hash the JDK's constraints check

  private AlgorithmRules() {}

  /** What is too weak about a certificate, in words; null when nothing is. */
  static @Nullable String problemOf(X509Certificate certificate) {
    if (!SIGNATURES.contains(certificate.getSigAlgOID())) {
      return "the signature algorithm " + certificate.getSigAlgName() + ", which is not accepted";
    }
    try {
      KeyAlgorithm.of(certificate.getPublicKey());
      return null;
    } catch (PkiException e) {
      return e.getMessage();
    }
  }
}
