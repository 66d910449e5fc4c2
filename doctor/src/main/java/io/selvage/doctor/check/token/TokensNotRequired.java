package io.selvage.doctor.check.token;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.LabelSelector;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * SLV5005: where tokens are checked they are also required. Istio: "requests without a token are
 * accepted" by a RequestAuthentication; only an AuthorizationPolicy asks for one.
 */
public final class TokensNotRequired {
  private TokensNotRequired() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV5005",
            "where tokens are checked they are also required",
            Status.WARN,
            Set.of(Source.OBJECTS),
            FixClass.EXPLAINED,
            List.of("R10"),
            Optional.empty()),
        TokensNotRequired::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.mesh(cluster, results);
    if (flavour.isEmpty()
        || !Need.kinds(cluster, results, Kind.REQUEST_AUTHENTICATION, Kind.AUTHORIZATION_POLICY)
        || !Need.settings(cluster, results)) {
      return;
    }
    List<ApiObject> all = cluster.objects().all(Kind.REQUEST_AUTHENTICATION);
    if (all.isEmpty()) {
      results.skip("nobody checks tokens: there is no RequestAuthentication");
      return;
    }
    List<ApiObject> asking =
        cluster.objects().all(Kind.AUTHORIZATION_POLICY).stream()
            .filter(TokensNotRequired::asksForToken)
            .toList();
    String root = MeshView.of(cluster).settings().rootNamespace();
    for (ApiObject authentication : all) {
      List<PodView> open =
          cluster.objects().all(Kind.POD).stream()
              .map(PodView::new)
              .filter(pod -> !pod.isOver() && pod.isInMesh())
              .filter(pod -> selects(authentication, pod, root))
              .filter(pod -> asking.stream().noneMatch(policy -> selects(policy, pod, root)))
              .toList();
      if (!open.isEmpty()) {
        warn(authentication, open, results);
      }
    }
    if (results.all().isEmpty()) {
      results
          .pass(
              "%d RequestAuthentications, each with a policy that asks for a token"
                  .formatted(all.size()))
          .seen(asking.size() + " policies name requestPrincipals", "GET authorizationpolicies -A");
    }
  }

  /** A policy that says something of a request's token: who has none is then another caller. */
  private static boolean asksForToken(ApiObject policy) {
    return policy
        .at("/spec/rules")
        .valueStream()
        .anyMatch(
            rule ->
                Stream.of("requestPrincipals", "notRequestPrincipals")
                        .anyMatch(
                            field ->
                                rule.path("from")
                                    .valueStream()
                                    .anyMatch(from -> from.path("source").has(field)))
                    || rule.path("when")
                        .valueStream()
                        .map(when -> when.path("key").asString(""))
                        .anyMatch(key -> key.startsWith("request.auth.")));
  }

  private static boolean selects(ApiObject policy, PodView pod, String root) {
    boolean there = policy.namespace().equals(pod.namespace()) || policy.namespace().equals(root);
    JsonNode labels = policy.at("/spec/selector");
    boolean targets =
        policy.json().path("spec").has("targetRefs") || policy.json().path("spec").has("targetRef");
    return there && (targets || new LabelSelector(labels).matches(pod.labels()));
  }

  private static void warn(ApiObject authentication, List<PodView> open, Results results) {
    JsonNode selector = authentication.at("/spec/selector/matchLabels");
    results
        .warn(
            "%s/%s checks tokens, but requires none of %d Pods' callers"
                .formatted(authentication.namespace(), authentication.name(), open.size()))
        .about(authentication.ref())
        .seen(
            Shown.some(open.stream().map(PodView::qualified).toList()),
            "no AuthorizationPolicy that selects them names requestPrincipals or request.auth")
        .cause("a RequestAuthentication refuses bad tokens only; without one a request passes")
        .effect("who sends no token at all is let in")
        .next(
            "apply an AuthorizationPolicy in %s%s, action DENY, rule: from: [{source:"
                    .formatted(
                        authentication.namespace(),
                        selector.isMissingNode() ? "" : " with selector " + selector)
                + " {notRequestPrincipals: [\"*\"]}}]");
  }
}
