package io.selvage.pki;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.PKIXParameters;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;

/** Making and checking signatures by the fastest provider that this machine has. */
final class Signatures {
  private static final byte[] PROBE = "selvage".getBytes(StandardCharsets.US_ASCII);

  private Signatures() {}

  static byte[] sign(String algorithm, PrivateKey key, byte[] message)
      throws GeneralSecurityException {
    Signature signature = instance(algorithm);
    signature.initSign(key);
    signature.update(message);
    return signature.sign();
  }

  static boolean verify(String algorithm, PublicKey key, byte[] message, byte[] signed)
      throws GeneralSecurityException {
    Signature signature = instance(algorithm);
    signature.initVerify(key);
    signature.update(message);
    return signature.verify(signed);
  }

  /** Reads a public key of that family, {@code EC} or {@code RSA}. */
  static PublicKey publicKey(String family, byte[] subjectPublicKeyInfo)
      throws GeneralSecurityException {
    return keyFactory(family).generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
  }

  /** The same key in the form that {@link #sign} takes without converting it each time. */
  static PrivateKey prepared(PrivateKey key) {
    if (NativeCrypto.provider().isEmpty() || !"PKCS#8".equals(key.getFormat())) {
      return key;
    }
    try {
      return keyFactory(key.getAlgorithm())
          .generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    } catch (GeneralSecurityException e) {
      return key; // slower, not less
    }
  }

  /** Has the JDK's path validation check signatures by the same provider. */
  static void speedUp(PKIXParameters parameters) {
    NativeCrypto.provider().ifPresent(provider -> parameters.setSigProvider(provider.getName()));
  }

  /**
   * Whether the issuer's key made the certificate's signature; names and dates are not looked at.
   */
  static boolean issued(X509Certificate issuer, X509Certificate certificate) {
    try {
      Optional<Provider> fast = NativeCrypto.provider();
      if (fast.isPresent()) {
        certificate.verify(issuer.getPublicKey(), fast.get());
      } else {
        certificate.verify(issuer.getPublicKey());
      }
      return true;
    } catch (GeneralSecurityException | RuntimeException e) {
      return false;
    }
  }

  /** Whether what the private key signs verifies by the public key. */
  static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey) {
    try {
      KeyAlgorithm algorithm = KeyAlgorithm.of(publicKey);
      return sameFamily(privateKey, publicKey)
          && verify(
              algorithm.signature(),
              publicKey,
              PROBE,
              sign(algorithm.signature(), privateKey, PROBE));
    } catch (PkiException | GeneralSecurityException e) {
      return false;
    }
  }

  private static boolean sameFamily(Key one, Key other) {
    return one.getAlgorithm().equals(other.getAlgorithm());
  }

  private static Signature instance(String algorithm) throws GeneralSecurityException {
    Optional<Provider> fast = NativeCrypto.provider();
    return fast.isPresent()
        ? Signature.getInstance(algorithm, fast.get())
        : Signature.getInstance(algorithm);
  }

  private static KeyFactory keyFactory(String family) throws GeneralSecurityException {
    Optional<Provider> fast = NativeCrypto.provider();
    return fast.isPresent()
        ? KeyFactory.getInstance(family, fast.get())
        : KeyFactory.getInstance(family);
  }
}
