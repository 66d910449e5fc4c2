package io.selvage.doctor.check.certificate;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Proxies;
import io.selvage.doctor.mesh.ProxyCertificate;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * SLV1009: certificates are of the trust domain that the mesh is configured with, or of an alias of
 * it. Principals of policies that name an unknown one are SLV4008's.
 */
public final class TrustDomains {
  private TrustDomains() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        CheckInfo.of(
            "SLV1009",
            "certificates are of the mesh's trust domain",
            Set.of(Source.OBJECTS, Source.CONFIG),
            FixClass.CONSENTED,
            "R3",
            "R6"),
        TrustDomains::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.mesh(cluster, results);
    if (flavour.isEmpty() || !Need.settings(cluster, results)) {
      return;
    }
    Optional<List<ProxyView>> proxies = Need.of(cluster.proxies(), "the proxies", results);
    if (proxies.isEmpty()) {
      return;
    }
    Set<String> accepted = new LinkedHashSet<>();
    accepted.add(flavour.get().trustDomain());
    accepted.addAll(MeshView.of(cluster).settings().trustDomainAliases());
    Map<String, List<ProxyView>> foreign = new TreeMap<>();
    int seen = 0;
    for (ProxyView proxy : proxies.get()) {
      Optional<String> named = ProxyCertificate.of(proxy).flatMap(ProxyCertificate::trustDomain);
      seen += named.isPresent() ? 1 : 0;
      named
          .filter(domain -> !accepted.contains(domain))
          .ifPresent(domain -> foreign.computeIfAbsent(domain, _ -> new ArrayList<>()).add(proxy));
    }
    if (seen == 0) {
      if (proxies.get().isEmpty()) {
        results.skip("there is no proxy");
      } else {
        results.unknown("no proxy showed a certificate with an identity (SLV1006, SLV1008)");
      }
      return;
    }
    foreign.forEach(
        (domain, some) -> fail(domain, some, accepted, cluster, flavour.get(), results));
    if (results.all().isEmpty()) {
      results
          .pass("%d certificates, all of %s".formatted(seen, Shown.some(accepted)))
          .seen("trustDomain and trustDomainAliases " + accepted, "MeshConfig");
    }
  }

  private static void fail(
      String domain,
      List<ProxyView> some,
      Set<String> accepted,
      ClusterEvidence cluster,
      Flavour flavour,
      Results results) {
    var said =
        results
            .fail(
                "%d certificates are of trust domain %s, the mesh is %s"
                    .formatted(some.size(), domain, Shown.some(accepted)))
            .seen(
                Shown.some(some.stream().map(Proxies::shown).toList()),
                "URI names of the proxies' certificates")
            .seen("accepted: " + accepted, "trustDomain and trustDomainAliases of MeshConfig")
            .cause("the trust domain was changed, and these have their certificates from before")
            .effect(
                "peers refuse them, or policies do not match them: " + policies(cluster, accepted))
            .next(command(flavour, domain));
    some.stream().limit(5).forEach(proxy -> said.about(Proxies.ref(proxy)));
    said.fix(alias(cluster, flavour, domain));
  }

  private static String command(Flavour flavour, String domain) {
    return switch (flavour.kind()) {
      case SELVAGE -> "selvage migrate trust-domain add " + domain;
      default ->
          "add it to trustDomainAliases: kubectl -n %s edit configmap istio"
              .formatted(flavour.namespace());
    };
  }

  private static String policies(ClusterEvidence cluster, Set<String> accepted) {
    Set<String> named = new TreeSet<>();
    for (ApiObject policy : cluster.objects().all(Kind.AUTHORIZATION_POLICY)) {
      policy
          .at("/spec/rules")
          .valueStream()
          .flatMap(rule -> rule.path("from").valueStream())
          .flatMap(
              from ->
                  Stream.of("principals", "notPrincipals")
                      .flatMap(field -> from.path("source").path(field).valueStream()))
          .map(principal -> principal.asString("").replaceFirst("/.*", ""))
          .filter(domain -> !domain.isEmpty() && !domain.contains("*"))
          .forEach(named::add);
    }
    return named.isEmpty()
        ? "no policy names one"
        : "policies name " + named + (accepted.containsAll(named) ? "" : ", not all accepted");
  }

  /** The alias in MeshConfig, where it can be added as one line at its end; else a command. */
  private static Fix alias(ClusterEvidence cluster, Flavour flavour, String domain) {
    Optional<ApiObject> map = cluster.objects().find(Kind.CONFIG_MAP, flavour.namespace(), "istio");
    String text = map.map(found -> found.text("/data/mesh")).orElse("");
    if (text.isBlank() || text.contains("trustDomainAliases") || text.trim().startsWith("{")) {
      return new Fix.Command("accept " + domain + " as an alias", command(flavour, domain));
    }
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    patch
        .addObject()
        .put("op", "replace")
        .put("path", "/data/mesh")
        .put("value", text.stripTrailing() + "\ntrustDomainAliases:\n- " + domain + "\n");
    return new Fix.Patch(
        "accept " + domain + " as an alias of the mesh's trust domain",
        "v1",
        map.orElseThrow().ref(),
        patch);
  }
}
