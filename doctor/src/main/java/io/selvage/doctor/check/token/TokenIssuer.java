package io.selvage.doctor.check.token;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.view.Need;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** SLV5001: the control plane expects tokens of the issuer that the cluster's really have. */
public final class TokenIssuer {
  private TokenIssuer() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV5001",
            "the control plane expects the cluster's token issuer",
            Set.of(Source.OBJECTS),
            FixClass.PRINTED,
            "R10"),
        TokenIssuer::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    List<ControlPlane> planes = Asked.controlPlanes(cluster, results);
    if (planes.isEmpty() || Need.all(cluster, Kind.DEPLOYMENT, results).isEmpty()) {
      return;
    }
    Optional<JsonNode> document =
        Need.of(cluster.issuer(), "the API server's token issuer", results);
    if (document.isEmpty()) {
      return;
    }
    String issuer = document.get().path("issuer").asString("");
    for (ControlPlane plane : planes) {
      AcceptedTokens accepted = AcceptedTokens.of(plane);
      if (!accepted.issuers().isEmpty() && !accepted.issuers().contains(issuer)) {
        fail(plane, issuer, accepted, results);
      }
    }
    if (results.all().isEmpty()) {
      results
          .pass("tokens are of %s, and accepted".formatted(issuer))
          .seen("issuer " + issuer, "GET /.well-known/openid-configuration")
          .seen(
              "JWT_RULE and TOKEN_ISSUER name no other; the API server reviews tokens",
              "env of " + planes.getFirst().name());
    }
  }

  private static void fail(
      ControlPlane plane, String issuer, AcceptedTokens accepted, Results results) {
    results
        .fail(
            "the cluster's tokens are of %s, %s accepts %s"
                .formatted(issuer, plane.name(), accepted.issuers()))
        .about(new ObjectRef("Deployment", plane.flavour().namespace(), plane.name()))
        .seen("issuer " + issuer, "GET /.well-known/openid-configuration")
        .seen("accepted " + accepted.issuers(), "JWT_RULE, TOKEN_ISSUER of " + plane.name())
        .cause(
            "the control plane's settings are another cluster's, or the cluster's"
                + " --service-account-issuer was changed")
        .effect(
            "by that rule nobody is authenticated: whom TokenReview does not let in either gets no"
                + " certificate and no configuration")
        .next(
            "set the issuer in JWT_RULE: kubectl -n %s set env deployment/%s --list"
                .formatted(plane.flavour().namespace(), plane.name()))
        .fix(
            new Fix.Command(
                "show what it expects, then install with the right issuer",
                "kubectl -n %s set env deployment/%s --list | grep -E 'JWT_RULE|TOKEN_ISSUER'"
                    .formatted(plane.flavour().namespace(), plane.name())));
  }
}
