package io.selvage.control.jwks;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.util.List;

/**
 * A key set that no token can verify against, for an issuer whose keys can't be had.
 *
 * <p>Its one key is a point of P-256 found by hashing, so nobody has ever had a private half
 * (CVE-2026-31837: a fallback key pair is a master key). A real point, since proxies refuse a
 * listener whose key set has no usable key. Its id says what it is to whoever looks.
 */
final class UnusableKeys {
  /** Key id by which a diagnosis recognises the stand-in. */
  static final String KEY_ID = "selvage-keys-could-not-be-fetched";

  private UnusableKeys() {}

  /** The set as JSON; always the same for an address. */
  static String json(String address) {
    ECParameterSpec p256 = Curve.P_256.toECParameterSpec();
    BigInteger prime = ((ECFieldFp) p256.getCurve().getField()).getP();
    for (int attempt = 0; ; attempt++) {
      BigInteger x = hash(address + "#" + attempt).mod(prime);
      BigInteger square =
          x.modPow(BigInteger.valueOf(3), prime)
              .add(p256.getCurve().getA().multiply(x))
              .add(p256.getCurve().getB())
              .mod(prime);
      // The prime is 3 mod 4, so a square's root is a power of it.
      BigInteger y = square.modPow(prime.add(BigInteger.ONE).shiftRight(2), prime);
      if (y.modPow(BigInteger.TWO, prime).equals(square)) {
        return set(x, y);
      }
    }
  }

  private static String set(BigInteger x, BigInteger y) {
    ECKey key =
        new ECKey.Builder(Curve.P_256, coordinate(x), coordinate(y))
            .keyID(KEY_ID)
            .algorithm(JWSAlgorithm.ES256)
            .build();
    return new JWKSet(List.of(key)).toString(true);
  }

  private static Base64URL coordinate(BigInteger value) {
    return ECKey.encodeCoordinate(
        Curve.P_256.toECParameterSpec().getCurve().getField().getFieldSize(), value);
  }

  private static BigInteger hash(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
