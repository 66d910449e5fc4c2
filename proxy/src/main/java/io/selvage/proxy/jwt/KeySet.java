package io.selvage.proxy.jwt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys of one issuer that can be used. A set without any (it is no JSON, its fetch
 * failed and the control plane put a placeholder) makes every token fail, never pass.
 */
final class KeySet {
  private static final Logger LOGGER = LoggerFactory.getLogger(KeySet.class);
  private static final int LEAST_RSA_BITS = 2048;
  private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

  /** What tokens may be signed with; {@code none} and shared secrets are not among them. */
  static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512,
          JWSAlgorithm.EdDSA);

  /** One key with what it says of its own use. */
  private sealed interface Key {
    JWK jwk();

    boolean fits(JWSAlgorithm algorithm);

    boolean verifies(JWSHeader header, byte[] signed, Base64URL signature)
        throws JOSEException, GeneralSecurityException;

    record Rsa(JWK jwk, RSAPublicKey key) implements Key {
      @Override
      public boolean fits(JWSAlgorithm algorithm) {
        return JWSAlgorithm.Family.RSA.contains(algorithm);
      }

      @Override
      public boolean verifies(JWSHeader header, byte[] signed, Base64URL signature)
          throws JOSEException {
        JWSVerifier verifier = new RSASSAVerifier(key);
        return verifier.verify(header, signed, signature);
      }
    }

    record Ec(JWK jwk, ECPublicKey key, Curve curve) implements Key {
      @Override
      public boolean fits(JWSAlgorithm algorithm) {
        return Curve.forJWSAlgorithm(algorithm) != null
            && Curve.forJWSAlgorithm(algorithm).contains(curve);
      }

      @Override
      public boolean verifies(JWSHeader header, byte[] signed, Base64URL signature)
          throws JOSEException {
        return new ECDSAVerifier(key).verify(header, signed, signature);
      }
    }

    record Ed25519(JWK jwk, PublicKey key) implements Key {
      @Override
      public boolean fits(JWSAlgorithm algorithm) {
        return algorithm.equals(JWSAlgorithm.EdDSA);
      }

      @Override
      public boolean verifies(JWSHeader header, byte[] signed, Base64URL signature)
          throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update(signed);
        return verifier.verify(signature.decode());
      }
    }
  }

  private final List<Key> keys;

  private KeySet(List<Key> keys) {
    this.keys = keys;
  }

  /** The usable keys of a JWK set; what can't be used is left out, and logged. */
  static KeySet parse(String issuer, String jwks) {
    List<Key> keys = new ArrayList<>();
    try {
      for (JWK jwk : JWKSet.parse(jwks).getKeys()) {
        Key key = usable(issuer, jwk);
        if (key != null) {
          keys.add(key);
        }
      }
    } catch (ParseException | RuntimeException e) {
      LOGGER.warn("JWKS of issuer {} is not a JWK set: {}", issuer, e.toString());
    }
    if (keys.isEmpty()) {
      LOGGER.warn(
          "SLV5006 issuer {} has no usable key: every token of it is refused; look at how the"
              + " control plane gets its jwksUri",
          issuer);
    }
    return new KeySet(List.copyOf(keys));
  }

  private static @Nullable Key usable(String issuer, JWK jwk) {
    if (jwk.getKeyUse() != null && !jwk.getKeyUse().equals(KeyUse.SIGNATURE)) {
      return null;
    }
    try {
      return switch (jwk) {
        case RSAKey rsa when rsa.size() >= LEAST_RSA_BITS -> new Key.Rsa(jwk, rsa.toRSAPublicKey());
        case ECKey ec -> new Key.Ec(jwk, ec.toECPublicKey(), ec.getCurve());
        case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) ->
            new Key.Ed25519(jwk, ed25519(pair.getDecodedX()));
        default -> {
          LOGGER.warn(
              "key {} of issuer {} is not used: only RSA of {} bits or more, EC and Ed25519 are",
              jwk.getKeyID(),
              issuer,
              LEAST_RSA_BITS);
          yield null;
        }
      };
    } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
      LOGGER.warn("key {} of issuer {} can't be read: {}", jwk.getKeyID(), issuer, e.toString());
      return null;
    }
  }

  private static PublicKey ed25519(byte[] point) throws GeneralSecurityException {
    byte[] encoded = new byte[ED25519_PREFIX.length + point.length];
    System.arraycopy(ED25519_PREFIX, 0, encoded, 0, ED25519_PREFIX.length);
    System.arraycopy(point, 0, encoded, ED25519_PREFIX.length, point.length);
    return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
  }

  /** Whether a key fits the token's algorithm and key id, and its signature holds. */
  JwtStatus verify(Token token) {
    if (keys.isEmpty()) {
      return JwtStatus.NO_VALID_KEYS;
    }
    JwtStatus status = JwtStatus.NO_MATCHING_KEY;
    for (Key key : keys) {
      if (matches(key, token.header())) {
        if (verifies(key, token)) {
          return JwtStatus.OK;
        }
        status = JwtStatus.VERIFICATION_FAILED;
      }
    }
    return status;
  }

  private static boolean matches(Key key, JWSHeader header) {
    String wanted = header.getKeyID();
    String id = key.jwk().getKeyID();
    boolean sameId = wanted == null || wanted.isEmpty() || id == null || wanted.equals(id);
    JWSAlgorithm algorithm = header.getAlgorithm();
    boolean sameAlgorithm =
        key.jwk().getAlgorithm() == null
            || Objects.equals(key.jwk().getAlgorithm().getName(), algorithm.getName());
    return sameId && sameAlgorithm && key.fits(algorithm);
  }

  private static boolean verifies(Key key, Token token) {
    try {
      byte[] signed = token.signed().getBytes(StandardCharsets.US_ASCII);
      return key.verifies(token.header(), signed, token.signature());
    } catch (JOSEException | GeneralSecurityException | RuntimeException e) {
      LOGGER.debug("a signature can't be checked", e);
      return false;
    }
  }
}
