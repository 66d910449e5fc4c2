package io.selvage.pki;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/** The SHA-256 of a certificate's DER, as 64 lower-case hexadecimal digits. */
public final class Fingerprint {
  private Fingerprint() {}

  /** The fingerprint of one certificate. */
  public static String sha256Hex(X509Certificate certificate) {
    return HexFormat.of().formatHex(sha256().digest(Pem.der(certificate)));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
