package io.selvage.it.runbook;

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
import java.time.InstantSource;
import java.util.Date;

/** An issuer of end users' tokens. */
final class Tokens {
  static final String ISSUER = "https://issuer.it.mesh";

  private final ECKey key;

  Tokens() throws JOSEException {
    this.key = new ECKeyGenerator(Curve.P_256).keyID("it").generate();
  }

  String jwks() {
    return new JWKSet(key.toPublicJWK()).toString();
  }

  /** A token of {@code subject} in {@code group} that ends after {@code lifetime} from now. */
  String token(String subject, String group, Duration lifetime) throws JOSEException {
    var now = InstantSource.system().instant();
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(ISSUER)
            .subject(subject)
            .claim("group", group)
            .expirationTime(Date.from(now.plus(lifetime)))
            .build();
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }
}
