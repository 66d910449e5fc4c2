package io.selvage.doctor.check.token;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Confidence;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Written;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * SLV5003: a token that the API server has just issued is accepted when the API server reviews it,
 * by a key that it publishes.
 */
public final class TokenRoundTrip {
  private TokenRoundTrip() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV5003",
            "a fresh token passes the API server's review",
            Set.of(Source.PROBE, Source.OBJECTS),
            FixClass.PRINTED,
            "R10"),
        TokenRoundTrip::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.inKubernetes(cluster, results).isEmpty()) {
      return;
    }
    List<ProbeOutcome> probes =
        Need.probes(cluster, results, ProbeOutcome.Purpose.CERTIFICATE_REQUEST);
    for (ProbeOutcome probe : probes) {
      judge(probe, cluster, results);
    }
  }

  private static void judge(ProbeOutcome probe, ClusterEvidence cluster, Results results) {
    Optional<Instant> expires = Written.instant(probe.details().getOrDefault("token-expires", ""));
    String key = probe.details().getOrDefault("token-key", "");
    String review = probe.details().getOrDefault("review", "");
    if (expires.filter(at -> !at.isAfter(cluster.taken())).isPresent()) {
      fail(
          "the fresh token expired %s ago"
              .formatted(Shown.duration(Duration.between(expires.get(), cluster.taken()))),
          "expires " + expires.get(),
          "the API server's clock is behind (SLV0004)",
          results);
    } else if (!key.isEmpty() && isUnknown(key, cluster)) {
      fail(
          "the fresh token is signed by key %s, which the API server does not publish"
              .formatted(key),
          "kid " + key,
          "the ServiceAccount signing key was rotated and its public half was not kept, or the API"
              + " servers have different ones",
          results);
    } else if (review.isEmpty()) {
      results
          .unknown("the token was not reviewed: create tokenreviews is needed")
          .next("kubectl auth can-i create tokenreviews.authentication.k8s.io");
    } else if (!review.equals("authenticated")) {
      fail(
          "the API server does not accept the token that it issued: " + review,
          review,
          "its signing key and its list of public keys do not fit, or the API servers differ",
          results);
    } else {
      results
          .pass("issued, signed by a published key, and accepted")
          .by(Confidence.PROVED_BY_TRAFFIC)
          .seen("TokenReview: authenticated", "POST serviceaccounts/token, POST tokenreviews");
    }
  }

  private static boolean isUnknown(String key, ClusterEvidence cluster) {
    return cluster
        .tokenKeys()
        .found()
        .filter(
            keys ->
                keys.path("keys")
                    .valueStream()
                    .noneMatch(one -> one.path("kid").asString("").equals(key)))
        .isPresent();
  }

  private static void fail(String what, String seen, String cause, Results results) {
    results
        .fail(what)
        .by(Confidence.PROVED_BY_TRAFFIC)
        .seen(seen, "POST serviceaccounts/token, GET /openid/v1/jwks, POST tokenreviews")
        .cause(cause)
        .effect("no workload is authenticated: no new certificates, no configuration")
        .next(
            "compare --service-account-signing-key-file and --service-account-key-file of every"
                + " kube-apiserver");
  }
}
