package io.selvage.doctor.check.authorization;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.ProxyView;
import io.selvage.doctor.view.Dump;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RbacPolicy;
import io.selvage.policy.TranslatedAuthorization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * The policies in the cluster against the RBAC filters that proxies have: the same rules by id and
 * action, and in each of them every value that is written in the policy, and no other.
 */
public final class EnforcedPolicies {
  /** Policy in the cluster is the filter in the proxy. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4011",
              "proxies have the policies that are in the cluster",
              Set.of(Source.OBJECTS, Source.CONFIG),
              FixClass.EXPLAINED,
              "R6"),
          EnforcedPolicies::ask);

  private static final Duration UNDER_WAY = Duration.ofSeconds(15);

  private EnforcedPolicies() {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.AUTHORIZATION_POLICY, Kind.POD, Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    Optional<List<ProxyView>> proxies =
        Need.of(cluster.proxies(), "the proxies' configuration", results);
    if (proxies.isEmpty()) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY);
    int compared = 0;
    int asked = 0;
    int all = 0;
    List<String> unseen = new ArrayList<>();
    Map<String, Set<String>> wrong = new TreeMap<>();
    for (ProxyView proxy : proxies.get()) {
      Optional<PodView> pod = mesh.pod(proxy.namespace(), proxy.name()).filter(PodView::hasSidecar);
      all += pod.isPresent() ? 1 : 0;
      if (pod.isEmpty() || Dump.isNotAsked(proxy)) {
        continue;
      }
      asked++;
      Optional<Dump> dump = Dump.of(proxy).filter(Dump::hasInbound);
      if (dump.isEmpty()) {
        unseen.add(pod.get().qualified());
        continue;
      }
      for (InboundPort port : mesh.ports(pod.get())) {
        compared++;
        for (Dump.Chain chain : dump.get().chains(port.number())) {
          differences(mesh, pod.get(), chain)
              .forEach(
                  text ->
                      wrong.computeIfAbsent(text, _ -> new TreeSet<>()).add(pod.get().qualified()));
        }
      }
    }
    wrong.forEach((text, pods) -> tell(cluster, text, pods, results));
    if (!unseen.isEmpty()) {
      results.unknown("what they enforce was not shown by the proxies of " + Words.some(unseen));
    } else if (results.isFine()) {
      results.pass(
          "what is written is enforced at %s of %s"
              .formatted(Words.count(compared, "port"), Dump.share(asked, all)));
    }
  }

  /** Each in words that name the policy first. */
  private static List<String> differences(MeshView mesh, PodView pod, Dump.Chain chain) {
    TranslatedAuthorization translated =
        IstioTranslation.translate(
            mesh.snapshotFor(pod).authorizationPoliciesFor(pod.view()),
            mesh.snapshotFor(pod).meshConfig(),
            chain.isHttp() ? Protocol.HTTP : Protocol.TCP);
    Map<String, String> wanted = wanted(translated.authorization());
    Map<String, String> has = new TreeMap<>();
    Map<String, JsonNode> content = new TreeMap<>();
    for (Dump.Rbac filter : chain.rbac()) {
      filter
          .policies()
          .forEach(
              (id, rule) -> {
                has.put(id, filter.action());
                content.put(id, rule);
              });
    }
    List<String> found = new ArrayList<>();
    wanted.forEach(
        (id, action) -> {
          String there = has.get(id);
          if (there == null) {
            found.add("%s misses %s %s".formatted(policyOf(id), action, id));
          } else if (!there.equals(action)) {
            found.add("%s has %s as %s, not %s".formatted(policyOf(id), id, there, action));
          }
        });
    has.keySet().stream()
        .filter(id -> id.startsWith("ns[") && !wanted.containsKey(id))
        .filter(id -> !isRefused(mesh, policyOf(id)))
        .forEach(id -> found.add("%s has %s, which is not written".formatted(policyOf(id), id)));
    translated
        .origins()
        .forEach(
            (id, origin) -> {
              JsonNode rule = content.get(id);
              if (rule != null && wanted.containsKey(id)) {
                RuleValues.missing(origin, rule)
                    .map(value -> "%s has %s without \"%s\"".formatted(policyOf(id), id, value))
                    .or(
                        () ->
                            new StrayValues(origin, mesh.settings().trustDomains())
                                .in(rule)
                                .map(
                                    value ->
                                        "%s has %s with \"%s\", which is not written any more"
                                            .formatted(policyOf(id), id, value)))
                    .ifPresent(found::add);
              }
            });
    return found;
  }

  /** A policy that is there, and whose meaning nobody here knows. */
  private static boolean isRefused(MeshView mesh, String policy) {
    return mesh.refused(Kind.AUTHORIZATION_POLICY).stream()
        .map(MeshView.Refused::object)
        .anyMatch(one -> policy.equals(one.namespace() + "/" + one.name()));
  }

  /** The rules that decide, by id: what a match does. */
  private static Map<String, String> wanted(Authorization authorization) {
    Map<String, String> all = new TreeMap<>();
    for (Stage stage : authorization.stages()) {
      if (stage instanceof Stage.Rbac rbac && rbac.enforced().isPresent()) {
        RbacPolicy.RuleSet rules = rbac.enforced().get();
        rules.rules().forEach(rule -> all.put(rule.id(), rules.action().name()));
      }
    }
    return all;
  }

  /** {@code namespace/name} of a rule's id {@code ns[namespace]-policy[name]-rule[0]}. */
  private static String policyOf(String id) {
    return id.replaceAll("^ns\\[([^\\]]*)\\]-policy\\[(.*)\\]-rule\\[\\d+\\].*$", "$1/$2");
  }

  private static void tell(
      ClusterEvidence cluster, String text, Set<String> pods, Results results) {
    String[] name = text.substring(0, text.indexOf(' ')).split("/", -1);
    Optional<ApiObject> object =
        name.length == 2
            ? cluster.objects().find(Kind.AUTHORIZATION_POLICY, name[0], name[1])
            : Optional.empty();
    Optional<Instant> written = object.flatMap(Written::of).map(Written::at);
    String summary =
        "%s: the proxy %s (%s)"
            .formatted(
                String.join("/", name), text.substring(text.indexOf(' ') + 1), Words.some(pods));
    if (written.filter(at -> at.plus(UNDER_WAY).isAfter(cluster.taken())).isPresent()) {
      results.unknown(summary + "; it was written a moment ago: look again");
      return;
    }
    var said =
        results
            .fail(summary)
            .seen(
                "RBAC filters for the ports of its Services", "/config_dump of " + Words.some(pods))
            .cause("the proxy did not take the newest configuration, or never got it (SLV7001)")
            .effect("policy that is written is not what is enforced")
            .next("selvage doctor --only SLV7001,SLV7002");
    object.map(ApiObject::ref).ifPresent(said::about);
    written.ifPresent(said::since);
    pods.forEach(
        pod -> {
          String[] of = pod.split("/", -1);
          said.about(new ObjectRef("Pod", of[0], of[1]));
        });
  }
}
