package io.selvage.proxy.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.selvage.proxy.fuzz.FuzzTarget;
import java.security.PublicKey;
import java.text.ParseException;
import java.util.List;

/**
 * Texts where an issuer's keys are expected: usable keys or none, and a token is believed only
 * while the key that has signed it is among them.
 */
public final class KeySetTarget implements FuzzTarget {
  private final Tokens issuer;
  private final Token rsa;
  private final Token ec;

  /** With an issuer of its own. */
  public KeySetTarget() {
    try {
      issuer = new Tokens();
      rsa = Token.parse(issuer.rs256(Tokens.claims()));
      ec = Token.parse(issuer.es256(Tokens.claims()));
    } catch (JOSEException | Token.Unreadable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String name() {
    return "jwks";
  }

  @Override
  public List<byte[]> seeds() {
    String ed =
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
    return List.of(
        FuzzTarget.bytes(issuer.jwks()),
        FuzzTarget.bytes(new JWKSet(issuer.ec).toString(true)),
        FuzzTarget.bytes(new JWKSet(issuer.rsa).toString(true)),
        FuzzTarget.bytes("{\"keys\":[" + ed + "]}"),
        FuzzTarget.bytes("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"r1\"}]}"),
        FuzzTarget.bytes(
            "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}"),
        FuzzTarget.bytes("{\"keys\":[]}"));
  }

  @Override
  public List<String> words() {
    return List.of(
        "\"keys\"",
        "\"kty\":\"RSA\"",
        "\"kty\":\"EC\"",
        "\"kty\":\"oct\"",
        "\"use\":\"enc\"",
        "\"alg\":\"RS256\"",
        "\"alg\":\"HS256\"",
        "\"kid\":null",
        "\"crv\":\"P-384\"",
        "\"x5c\":[\"AAAA\"]",
        "\"n\":\"AA\"",
        "\"e\":\"AQAB\"",
        "[[[[",
        "null");
  }

  @Override
  public void run(byte[] input) {
    String text = FuzzTarget.text(input);
    KeySet keys = KeySet.parse(Tokens.ISSUER, text);
    assertThat(holds(text, issuer.rsa) || keys.verify(rsa) != JwtStatus.OK).isTrue();
    assertThat(holds(text, issuer.ec) || keys.verify(ec) != JwtStatus.OK).isTrue();
  }

  /** By the point or the modulus itself: base64 may be spelt in more than one way. */
  private static boolean holds(String text, AsymmetricJWK key) {
    try {
      PublicKey wanted = key.toPublicKey();
      return JWKSet.parse(text).getKeys().stream().anyMatch(each -> isKey(each, wanted));
    } catch (ParseException | JOSEException | RuntimeException e) {
      return false; // nimbus throws all of these at what is no set
    }
  }

  private static boolean isKey(JWK jwk, PublicKey wanted) {
    try {
      return jwk instanceof AsymmetricJWK known && known.toPublicKey().equals(wanted);
    } catch (JOSEException e) {
      return false;
    }
  }
}
