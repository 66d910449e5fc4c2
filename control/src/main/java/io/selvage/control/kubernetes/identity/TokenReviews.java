package io.selvage.control.kubernetes.identity;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.ca.auth.TokenRules;
import io.selvage.pki.SpiffeId;
import java.util.List;
import java.util.Optional;

/**
 * Has the cluster's API server judge a token ({@code authentication.k8s.io/v1 TokenReview}): one
 * round trip, and the last word on whether the token's Pod and ServiceAccount are still there.
 */
public final class TokenReviews implements Authenticator {
  /** The API server does not accept the token, or cannot be asked. */
  static final String NOT_ACCEPTED = "SLV5018";

  private static final String ACCOUNTS = "system:serviceaccounts";

  private final KubernetesClient client;
  private final String trustDomain;

  /**
   * Reviews by one cluster.
   *
   * @param trustDomain of the identities that it gives
   */
  public TokenReviews(KubernetesClient client, String trustDomain) {
    this.client = client;
    this.trustDomain = trustDomain;
  }

  @Override
  public String name() {
    return "KubeTokenReview";
  }

  @Override
  public Authentication authenticate(CallerEvidence evidence) {
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
      TokenReview asked =
          new TokenReviewBuilder()
              .withNewSpec()
              .withToken(token.get())
              .withAudiences(TokenRules.ISTIO_CA)
              .endSpec()
              .build();
      return judged(client.tokenReviews().create(asked).getStatus());
    } catch (KubernetesClientException e) {
      // Without the client's message, which may quote what was sent.
      return new Refused(
          NOT_ACCEPTED,
          "the API server cannot be asked about the token: "
              + (e.getCode() <= 0 ? "it does not answer" : "it answers " + e.getCode()));
    }
  }

  /** A server that knows nothing of audiences names none: then the token may be for anybody. */
  private Authentication judged(TokenReviewStatus status) {
    if (!Boolean.TRUE.equals(status.getAuthenticated())) {
      String why = status.getError() == null ? "it gives no reason" : line(status.getError());
      return new Refused(NOT_ACCEPTED, "the API server does not accept the token: " + why);
    }
    List<String> audiences = Optional.ofNullable(status.getAudiences()).orElse(List.of());
    if (!audiences.contains(TokenRules.ISTIO_CA)) {
      return new Refused(
          "SLV5002", "wrong audience: the API server does not say that it is for istio-ca");
    }
    List<String> groups = Optional.ofNullable(status.getUser().getGroups()).orElse(List.of());
    String user = Optional.ofNullable(status.getUser().getUsername()).orElse("");
    String[] parts = user.split(":", -1);
    if (!groups.contains(ACCOUNTS)
        || parts.length != 4
        || !user.startsWith("system:serviceaccount:")) {
      return new Refused("SLV5013", "the token is not one of a ServiceAccount");
    }
    try {
      return new Authenticated(SpiffeId.workload(trustDomain, parts[2], parts[3]), name());
    } catch (IllegalArgumentException e) {
      return new Refused("SLV5013", "the token's subject names no workload: " + e.getMessage());
    }
  }

  private static String line(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() > 300 ? line.substring(0, 300) : line;
  }
}
