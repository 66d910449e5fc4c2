package io.selvage.ca.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.pki.SpiffeId;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Knows callers by a JWT of one issuer whose subject is {@code system:serviceaccount:<ns>:<sa>}:
 * the mesh's own join tokens, and OIDC tokens such as a cluster's projected service account tokens.
 */
public final class JwtAuthenticator implements Authenticator {
  /** The token is of an issuer that is not the one whose tokens are known here. */
  public static final String WRONG_ISSUER = "SLV5001";

  /** Asymmetric only: a public key must never serve as the secret of an HMAC. */
  private static final Set<JWSAlgorithm> ALGORITHMS =
      Set.of(
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512,
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512);

  private static final Duration EARLY = Duration.ofMinutes(1);

  private final String name;
  private final TokenRules rules;
  private final KeySource keySource;
  private final InstantSource clock;

  /**
   * @param name what stands in refusals, e.g. {@code KubeJWTAuthenticator}
   */
  public JwtAuthenticator(String name, TokenRules rules, KeySource keySource, InstantSource clock) {
    this.name = name;
    this.rules = rules;
    this.keySource = keySource;
    this.clock = clock;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Authentication authenticate(CallerEvidence evidence) {
    return authenticate(evidence, true);
  }

  /**
   * The same, whoever the issuer says it is: the token is signed by a key that is held, is of this
   * time and for one of the audiences. Who the caller is must be asked elsewhere.
   */
  public Authentication ofAnyIssuer(CallerEvidence evidence) {
    return authenticate(evidence, false);
  }

  private Authentication authenticate(CallerEvidence evidence, boolean ofTheIssuer) {
    Optional<String> token = evidence.token();
    if (token.isEmpty()) {
      return new Refused(
          "SLV5010", "no token: the metadata has no \"authorization: Bearer <token>\"");
    }
    if (token.get().length() > CallerEvidence.MAX_TOKEN) {
      return new Refused(
          "SLV5011", "malformed token: longer than " + CallerEvidence.MAX_TOKEN + " characters");
    }
    try {
      SignedJWT jwt = SignedJWT.parse(token.get());
      JWTClaimsSet claims = jwt.getJWTClaimsSet();
      Refused problem = problemOf(jwt, claims, ofTheIssuer);
      return problem == null ? subject(claims) : problem;
    } catch (ParseException | RuntimeException e) {
      // Without the parser's message, which may quote the token.
      return new Refused("SLV5011", "malformed token: not a signed JWT of three base64url parts");
    }
  }

  /** The issuer is looked at first: it tells a token for somebody else from a forged one. */
  private @Nullable Refused problemOf(SignedJWT jwt, JWTClaimsSet claims, boolean ofTheIssuer) {
    if (ofTheIssuer && !rules.issuer().equals(claims.getIssuer())) {
      return new Refused(
          WRONG_ISSUER,
          "wrong issuer: the token's is "
              + quoted(claims.getIssuer())
              + ", accepted is "
              + quoted(rules.issuer()));
    }
    Refused problem = problemOfSignature(jwt);
    if (problem == null) {
      problem = problemOfTime(claims);
    }
    if (problem == null && claims.getAudience().stream().noneMatch(rules.audiences()::contains)) {
      problem =
          new Refused(
              "SLV5002",
              "wrong audience: the token's is "
                  + shown(claims.getAudience())
                  + ", accepted is one of "
                  + shown(rules.audiences().stream().sorted().toList()));
    }
    return problem;
  }

  private @Nullable Refused problemOfTime(JWTClaimsSet claims) {
    Instant now = clock.instant();
    Date expiry = claims.getExpirationTime();
    if (expiry == null) {
      return new Refused("SLV5003", "the token has no expiry");
    }
    if (!now.isBefore(expiry.toInstant())) {
      return new Refused(
          "SLV5003", "the token expired at " + expiry.toInstant() + "; the clock here is " + now);
    }
    Date from = claims.getNotBeforeTime();
    if (from != null && now.plus(EARLY).isBefore(from.toInstant())) {
      return new Refused(
          "SLV5003",
          "the token is not valid before " + from.toInstant() + "; the clock here is " + now);
    }
    Date issued = claims.getIssueTime();
    if (issued != null && now.plus(EARLY).isBefore(issued.toInstant())) {
      return new Refused(
          "SLV5003",
          "the token is issued in the future, at "
              + issued.toInstant()
              + "; the clock here is "
              + now);
    }
    return null;
  }

  private @Nullable Refused problemOfSignature(SignedJWT jwt) {
    JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
    if (!ALGORITHMS.contains(algorithm)) {
      return new Refused(
          "SLV5012",
          "the token is signed by " + quoted(algorithm.getName()) + ", which is not accepted");
    }
    String kid = jwt.getHeader().getKeyID();
    if (isSigned(jwt, keySource.keys())) {
      return null;
    }
    JWKSet newer = keySource.refreshed();
    if (isSigned(jwt, newer)) {
      return null;
    }
    return candidates(jwt, newer).isEmpty()
        ? unknownKey(kid)
        : new Refused("SLV5003", "the token's signature does not verify by key " + quoted(kid));
  }

  private Refused unknownKey(@Nullable String kid) {
    List<String> held =
        keySource.keys().getKeys().stream().map(JWK::getKeyID).filter(k -> k != null).toList();
    return new Refused(
        "SLV5003",
        "unknown key: the token is signed by key "
            + quoted(kid)
            + ", held are "
            + shown(held)
            + keySource.trouble().map(trouble -> "; " + trouble).orElse(""));
  }

  private Authentication subject(JWTClaimsSet claims) {
    String subject = claims.getSubject();
    String[] parts = subject == null ? new String[0] : subject.split(":", -1);
    boolean account =
        parts.length == 4 && parts[0].equals("system") && parts[1].equals("serviceaccount");
    if (!account) {
      return new Refused(
          "SLV5013",
          "the token's subject is "
              + quoted(subject)
              + ", not of the form system:serviceaccount:<namespace>:<account>");
    }
    try {
      return new Authenticated(SpiffeId.workload(rules.trustDomain(), parts[2], parts[3]), name);
    } catch (IllegalArgumentException e) {
      return new Refused("SLV5013", "the token's subject names no workload: " + e.getMessage());
    }
  }

  private static boolean isSigned(SignedJWT jwt, JWKSet keys) {
    return candidates(jwt, keys).stream().anyMatch(key -> verifies(jwt, key));
  }

  /** RFC 7517 4.2, 4.4: a key for encryption, or for another algorithm, checks no signature. */
  private static List<JWK> candidates(SignedJWT jwt, JWKSet keys) {
    String kid = jwt.getHeader().getKeyID();
    JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
    return keys.getKeys().stream()
        .filter(key -> kid == null || kid.equals(key.getKeyID()))
        .filter(key -> !KeyUse.ENCRYPTION.equals(key.getKeyUse()))
        .filter(key -> key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
        .toList();
  }

  private static boolean verifies(SignedJWT jwt, JWK key) {
    try {
      JWSVerifier verifier =
          switch (key) {
            case ECKey ec -> new ECDSAVerifier(ec);
            case RSAKey rsa when rsa.size() >= 2048 -> new RSASSAVerifier(rsa);
            default -> null;
          };
      return verifier != null && jwt.verify(verifier);
    } catch (JOSEException | RuntimeException e) {
      return false;
    }
  }

  private static String shown(List<String> values) {
    return values.stream()
        .limit(20)
        .map(JwtAuthenticator::quoted)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** What others wrote, short and on one line. */
  private static String quoted(@Nullable String text) {
    if (text == null) {
      return "absent";
    }
    String line =
        text.codePoints()
            .limit(200)
            .map(c -> Character.isISOControl(c) ? '?' : c)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return '"' + line + '"';
  }
}
