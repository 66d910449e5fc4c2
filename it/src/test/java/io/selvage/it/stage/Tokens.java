package io.selvage.it.stage;

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
public final class Tokens {
  /** Its name. */
  public static final String ISSUER = "https://issuer.it.mesh";

  private final ECKey key;

  /** An issuer with a key of its own. */
  public Tokens() throws JOSEException {
    this.key = new ECKeyGenerator(Curve.P_256).keyID("it").generate();
  }

  /** Its public keys. */
  public String jwks() {
    return new JWKSet(key.toPublicJWK()).toString();
  }

  /** A token of {@code subject} in {@code group} that ends after {@code lifetime} from now. */
  public String token(String subject, String group, Duration lifetime) throws JOSEException {
    return signed(claims(subject, lifetime).claim("group", group).build());
  }

  /** The same for an audience, by an issuer of any name. */
  public String token(String issuer, String subject, String audience, Duration lifetime)
      throws JOSEException {
    return signed(claims(subject, lifetime).issuer(issuer).audience(audience).build());
  }

  private static JWTClaimsSet.Builder claims(String subject, Duration lifetime) {
    return new JWTClaimsSet.Builder()
        .issuer(ISSUER)
        .subject(subject)
        .expirationTime(Date.from(InstantSource.system().instant().plus(lifetime)));
  }

  private String signed(JWTClaimsSet claims) throws JOSEException {
    var token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }
}
