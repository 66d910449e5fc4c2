package io.selvage.ca.auth;

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
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.Set;
import java.util.UUID;

/**
 * The tokens by which a workload joins a mesh that has no Kubernetes: JWTs signed by the mesh's own
 * key, for the audience {@code istio-ca}.
 */
public final class JoinTokens {
  /** The issuer of every join token of this mesh. */
  private static final String ISSUER_PREFIX = "selvage://";

  private final ECKey key;
  private final String trustDomain;
  private final InstantSource clock;

  private JoinTokens(ECKey key, String trustDomain, InstantSource clock) {
    this.key = key;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  /** Tokens by a new key, which lives as long as this object unless {@link #exportKey} keeps it. */
  public static JoinTokens create(String trustDomain, InstantSource clock, SecureRandom random) {
    try {
      ECKey key =
          new ECKeyGenerator(Curve.P_256).secureRandom(random).keyIDFromThumbprint(true).generate();
      return new JoinTokens(key, trustDomain, clock);
    } catch (JOSEException e) {
      throw new IllegalStateException("this JDK cannot make a P-256 key", e);
    }
  }

  /**
   * Tokens by a key that {@link #exportKey} gave.
   *
   * @throws IllegalArgumentException when the text holds no private P-256 key
   */
  public static JoinTokens of(String exportedKey, String trustDomain, InstantSource clock) {
    try {
      ECKey key = ECKey.parse(exportedKey);
      if (!key.isPrivate() || !Curve.P_256.equals(key.getCurve())) {
        throw new IllegalArgumentException("the join token key is no private P-256 key");
      }
      return new JoinTokens(key, trustDomain, clock);
    } catch (ParseException e) {
      throw new IllegalArgumentException("the join token key cannot be read");
    }
  }

  /** A token by which a process may ask for the certificate of that service account. */
  public String issue(String namespace, String serviceAccount, Duration lifetime) {
    Instant now = clock.instant();
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer())
            .audience(TokenRules.ISTIO_CA)
            .subject("system:serviceaccount:" + namespace + ":" + serviceAccount)
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now))
            .expirationTime(Date.from(now.plus(lifetime)))
            .jwtID(UUID.randomUUID().toString())
            .build();
    try {
      SignedJWT jwt =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(), claims);
      jwt.sign(new ECDSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException("cannot sign a join token", e);
    }
  }

  /** Checks what {@link #issue} made. */
  public Authenticator authenticator() {
    return new JwtAuthenticator(
        "JoinTokenAuthenticator",
        new TokenRules(issuer(), Set.of(TokenRules.ISTIO_CA), trustDomain),
        KeySource.of(publicKeys()),
        clock);
  }

  /** The {@code iss} of these tokens. */
  public String issuer() {
    return ISSUER_PREFIX + trustDomain;
  }

  /** The public half, for those who check tokens elsewhere. */
  public JWKSet publicKeys() {
    return new JWKSet(key.toPublicJWK());
  }

  /** The private key as a JWK: for a store that keeps secrets, never for a log. */
  public String exportKey() {
    return key.toJSONString();
  }
}
