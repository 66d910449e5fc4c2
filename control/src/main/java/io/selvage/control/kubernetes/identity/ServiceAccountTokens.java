package io.selvage.control.kubernetes.identity;

import com.nimbusds.jwt.SignedJWT;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.ca.auth.JwtAuthenticator;
import io.selvage.ca.auth.TokenRules;
import io.selvage.control.kubernetes.identity.BoundObjects.Objects;
import io.selvage.pki.SpiffeId;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Set;

/**
 * Knows callers by the projected ServiceAccount tokens of one cluster, for the audience {@code
 * istio-ca}, without a round trip: by the issuer's published keys, and by what the watches know of
 * the Pod and the ServiceAccount that the token is bound to. Only where those don't know, because
 * the Pod is gone or too new, or the token is of another issuer, the API server is asked.
 */
public final class ServiceAccountTokens implements Authenticator {
  /** The token's Pod is another ServiceAccount's. */
  static final String ANOTHER_ACCOUNT = "SLV5017";

  private final JwtAuthenticator signature;
  private final BoundObjects bound;
  private final Authenticator review;

  /**
   * Tokens of one cluster.
   *
   * @param issuer of that cluster
   * @param known what the watches know of that cluster
   * @param review who is asked when they don't know
   */
  ServiceAccountTokens(
      ClusterIssuer issuer,
      String trustDomain,
      Objects known,
      Authenticator review,
      InstantSource clock) {
    this.signature =
        new JwtAuthenticator(
            "KubeJWTAuthenticator",
            new TokenRules(issuer.issuer(), Set.of(TokenRules.ISTIO_CA), trustDomain),
            issuer.keys(),
            clock);
    this.bound = new BoundObjects(known);
    this.review = review;
  }

  /** Tokens of the cluster that {@code client} reaches, which is asked where need be. */
  public static ServiceAccountTokens of(
      KubernetesClient client,
      ClusterIssuer issuer,
      String trustDomain,
      ClusterObjects known,
      InstantSource clock) {
    return new ServiceAccountTokens(
        issuer, trustDomain, known, new TokenReviews(client, trustDomain), clock);
  }

  @Override
  public String name() {
    return signature.name();
  }

  @Override
  public Authentication authenticate(CallerEvidence evidence) {
    return switch (signature.authenticate(evidence)) {
      case Refused refused when refused.code().equals(JwtAuthenticator.WRONG_ISSUER) ->
          ofAnotherIssuer(evidence, refused);
      case Refused refused -> refused;
      case Authenticated signed -> bound(evidence, signed);
    };
  }

  /**
   * An API server may take tokens of several issuers, above all while its own changes, and
   * publishes the keys of all of them. Without such a signature nobody has it asked.
   */
  private Authentication ofAnotherIssuer(CallerEvidence evidence, Refused refused) {
    if (signature.ofAnyIssuer(evidence) instanceof Refused) {
      return refused;
    }
    return switch (review.authenticate(evidence)) {
      case Authenticated known -> known;
      case Refused reviewed ->
          new Refused(
              refused.code(),
              "%s; signed by the cluster's keys, but: %s %s"
                  .formatted(refused.reason(), reviewed.code(), reviewed.reason()));
    };
  }

  private Authentication bound(CallerEvidence evidence, Authenticated signed) {
    SpiffeId id = signed.id();
    try {
      BoundObjects.Standing standing =
          bound.of(
              SignedJWT.parse(evidence.token().orElseThrow()).getJWTClaimsSet(),
              id.namespace().orElseThrow(),
              id.serviceAccount().orElseThrow());
      return switch (standing) {
        case THERE -> signed;
        case UNSURE -> review.authenticate(evidence);
        case ANOTHER_ACCOUNT ->
            new Refused(ANOTHER_ACCOUNT, "the token's Pod runs as another ServiceAccount");
      };
    } catch (ParseException e) {
      return new Refused("SLV5011", "malformed token: its claims cannot be read");
    }
  }
}
