package io.selvage.pki;

import io.selvage.pki.PkiException.Reason;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;

/** The kinds of key that a mesh makes; every other kind is refused in requests and chains. */
public enum KeyAlgorithm {
  ECDSA_P256("EC", "SHA256withECDSA", "secp256r1"),
  ECDSA_P384("EC", "SHA384withECDSA", "secp384r1"),
  RSA_2048("RSA", "SHA256withRSA", "2048"),
  RSA_3072("RSA", "SHA256withRSA", "3072"),
  RSA_4096("RSA", "SHA384withRSA", "4096");

  /** What a mesh uses unless told otherwise. */
  public static final KeyAlgorithm DEFAULT = ECDSA_P256;

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 4096;

  private final String family;
  private final String signature;
  private final String curveOrBits;

  KeyAlgorithm(String family, String signature, String curveOrBits) {
    this.family = family;
    this.signature = signature;
    this.curveOrBits = curveOrBits;
  }

  /** {@code EC} or {@code RSA}. */
  public String family() {
    return family;
  }

  /** The JCA name of the signature that keys of this kind make, e.g. {@code SHA256withECDSA}. */
  public String signature() {
    return signature;
  }

  /** Makes a new key pair. */
  public KeyPair generate(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
      generator.initialize(parameters(), random);
      return generator.generateKeyPair();
    } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
      throw new IllegalStateException("this JDK cannot make a key of kind " + this, e);
    }
  }

  /**
   * The kind of a key that others made; RSA keys between the sizes count as the next smaller kind.
   *
   * @throws PkiException for a kind or size that a mesh does not accept
   */
  public static KeyAlgorithm of(PublicKey key) throws PkiException {
    return switch (key) {
      case ECPublicKey ec -> ofCurve(ec.getParams().getCurve().getField().getFieldSize(), ec);
      case RSAPublicKey rsa -> ofRsa(rsa);
      default -> throw unsupported(key.getAlgorithm());
    };
  }

  static PkiException unsupported(String algorithm) {
    return new PkiException(
        Reason.WEAK_ALGORITHM,
        "key algorithm " + algorithm + " is not supported; use ECDSA P-256, P-384 or RSA >= 2048");
  }

  private AlgorithmParameterSpec parameters() {
    return family.equals("EC")
        ? new ECGenParameterSpec(curveOrBits)
        : new RSAKeyGenParameterSpec(Integer.parseInt(curveOrBits), RSAKeyGenParameterSpec.F4);
  }

  private static KeyAlgorithm ofCurve(int bits, ECPublicKey key) throws PkiException {
    for (KeyAlgorithm candidate : new KeyAlgorithm[] {ECDSA_P256, ECDSA_P384}) {
      if (Curves.isOn(key, candidate == ECDSA_P256 ? "secp256r1" : "secp384r1")) {
        return candidate;
      }
    }
    throw new PkiException(
        Reason.WEAK_ALGORITHM,
        "an EC key of " + bits + " bits on another curve than P-256 or P-384");
  }

  private static KeyAlgorithm ofRsa(RSAPublicKey key) throws PkiException {
    int bits = key.getModulus().bitLength();
    if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
      throw new PkiException(
          Reason.WEAK_ALGORITHM, "an RSA key of " + bits + " bits; 2048 to 4096 are accepted");
    }
    if (!key.getModulus().testBit(0)) {
      throw new PkiException(Reason.WEAK_ALGORITHM, "an RSA key with an even modulus");
    }
    if (key.getPublicExponent().bitLength() < 2
        || !key.getPublicExponent().testBit(0)
        || key.getPublicExponent().bitLength() > 64) {
      throw new PkiException(
          Reason.WEAK_ALGORITHM, "an RSA key with public exponent " + key.getPublicExponent());
    }
    return bits < 3072 ? RSA_2048 : bits < 4096 ? RSA_3072 : RSA_4096;
  }
}
