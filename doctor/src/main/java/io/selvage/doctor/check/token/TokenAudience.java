package io.selvage.doctor.check.token;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** SLV5002: the tokens that proxies hold are for the audience that the CA wants. */
public final class TokenAudience {
  private TokenAudience() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV5002",
            "proxies' tokens are for the CA",
            Set.of(Source.OBJECTS),
            FixClass.EXPLAINED,
            "R10"),
        TokenAudience::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty() || !Need.kinds(cluster, results, Kind.POD, Kind.DEPLOYMENT)) {
      return;
    }
    Set<String> accepted = new LinkedHashSet<>();
    ControlPlane.of(cluster, flavour.get())
        .forEach(plane -> accepted.addAll(AcceptedTokens.of(plane).audiences()));
    Map<Mismatch, List<PodView>> others = new LinkedHashMap<>();
    int right = 0;
    int elsewhere = 0;
    for (ApiObject object : cluster.objects().all(Kind.POD)) {
      PodView pod = new PodView(object);
      Optional<String> audience = pod.isOver() ? Optional.empty() : audience(pod);
      if (audience.isEmpty()) {
        continue;
      }
      Set<String> wanted = asksMeshCa(pod) ? Set.of(flavour.get().trustDomain()) : accepted;
      if (wanted.isEmpty()) {
        elsewhere++;
      } else if (wanted.contains(audience.get())) {
        right++;
      } else {
        others
            .computeIfAbsent(new Mismatch(audience.get(), wanted), _ -> new ArrayList<>())
            .add(pod);
      }
    }
    others.forEach((mismatch, pods) -> fail(mismatch, pods, results));
    if (results.all().isEmpty() && right == 0) {
      results.skip(
          elsewhere == 0
              ? "no proxy holds a token"
              : "the control plane runs elsewhere: what it accepts is not seen here");
      return;
    }
    if (results.all().isEmpty()) {
      results
          .pass("%d proxies hold tokens that their CA accepts".formatted(right))
          .seen("accepted " + accepted, "audience of the projected volume istio-token");
    }
  }

  /** Of the token that its proxy shows to the CA; empty for a Pod without such a token. */
  private static Optional<String> audience(PodView pod) {
    return pod.hasSidecar() || pod.isGateway()
        ? pod.pod()
            .at("/spec/volumes")
            .valueStream()
            .filter(volume -> volume.path("name").asString("").equals("istio-token"))
            .flatMap(volume -> volume.at("/projected/sources").valueStream())
            .map(source -> source.path("serviceAccountToken"))
            .filter(token -> token.isObject())
            .map(token -> token.path("audience").asString("the API server"))
            .findFirst()
        : Optional.empty();
  }

  /** Mesh CA wants its tokens for the trust domain, {@code PROJECT.svc.id.goog}. */
  private static boolean asksMeshCa(PodView pod) {
    return pod.containers()
        .filter(one -> one.path("name").asString("").equals("istio-proxy"))
        .flatMap(one -> one.path("env").valueStream())
        .anyMatch(
            one ->
                (one.path("name").asString("").equals("CA_ADDR")
                        && one.path("value").asString("").contains("meshca.googleapis.com"))
                    || (one.path("name").asString("").equals("CA_PROVIDER")
                        && one.path("value").asString("").equals("GoogleCA")));
  }

  /** What a token is for, and what it should be for. */
  private record Mismatch(String audience, Set<String> wanted) {}

  private static void fail(Mismatch mismatch, List<PodView> pods, Results results) {
    String audience = mismatch.audience();
    Set<String> accepted = mismatch.wanted();
    var said =
        results
            .fail(
                "%d proxies hold tokens for %s, the CA wants %s"
                    .formatted(pods.size(), audience, String.join(" or ", accepted)))
            .seen(
                Shown.some(pods.stream().map(PodView::qualified).toList()),
                "audience of the projected volume istio-token")
            .seen("accepted " + accepted, "TOKEN_AUDIENCES and JWT_RULE of the control plane")
            .cause("they were injected with another mesh's values (global.sds.token.aud)")
            .effect("the CA refuses them: they have no certificate, or will not get the next")
            .next(
                "set global.sds.token.aud=%s, then restart the workloads"
                    .formatted(accepted.iterator().next()));
    pods.stream().limit(5).forEach(pod -> said.about(pod.ref()));
  }
}
