package io.selvage.cli.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;

/** An issuer of end users' tokens, for as long as a demo lasts. */
final class DemoTokens {

  static final String ISSUER = "https://issuer.demo.mesh";

  private final ECKey key;
  private final InstantSource clock;

  DemoTokens(InstantSource clock) {
    this.clock = clock;
    try {
      this.key = new ECKeyGenerator(Curve.P_256).keyID("demo").generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  /** The public keys, as RequestAuthentication's {@code jwks}. */
  String jwks() {
    return new JWKSet(key.toPublicJWK()).toString();
  }

  /** A token of {@code subject} with the claim {@code group}, good for {@code lifetime}. */
  String token(String subject, String group, Duration lifetime) {
    Instant now = clock.instant();
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject(subject)
            .claim("group", group)
            .issueTime(Date.from(now.minusSeconds(3600)))
            .expirationTime(Date.from(now.plus(lifetime)))
            .build();
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    try {
      token.sign(new ECDSASigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("a token cannot be signed", e);
    }
    return token.serialize();
  }
}
