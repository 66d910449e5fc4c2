package io.selvage.pki;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Making and checking signatures by the fastest provider that this machine has. */
final class Signatures {
  private static final byte[] PROBE = "selvage".getBytes(StandardCharsets.US_ASCII);

  private Signatures() {}

  static byte[] sign(String algorithm, PrivateKey key, byte[] message)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(message);
    return signature.sign();
  }

  static boolean verify(String algorithm, PublicKey key, byte[] message, byte[] signed)
      throws GeneralSecurityException {
    Signature signature = Signature.getInstance(algorithm);
    signature.initVerify(key);
    signature.update(message);
    return signature.verify(signed);
  }

  /** Whether what the private key signs verifies by the public key. */
  static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
    try {
      String algorithm = KeyAlgorithm.of(publicKey).signature();
      return verify(algorithm, publicKey, PROBE, sign(algorithm, privateKey, PROBE));
    } catch (PkiException | GeneralSecurityException e) {
      return false;
    }
  }
}
