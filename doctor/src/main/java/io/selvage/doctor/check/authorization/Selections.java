package io.selvage.doctor.check.authorization;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.Spelled;
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Policies whose selector or target chooses nothing, or what has no proxy: they protect nobody. */
public final class Selections {
  /** Every policy selects something. */
  public static final Check CHECK =
      new Check.OfCluster(
          new CheckInfo(
              "SLV4003",
              "every policy selects a workload",
              Status.FAIL,
              Set.of(Source.OBJECTS),
              FixClass.PRINTED,
              List.of("R6"),
              Optional.of("IST0127")),
          Selections::ask);

  private static final List<Kind> POLICIES =
      List.of(Kind.AUTHORIZATION_POLICY, Kind.PEER_AUTHENTICATION, Kind.REQUEST_AUTHENTICATION);
  private static final List<Kind> WORKLOADS =
      List.of(Kind.DEPLOYMENT, Kind.STATEFUL_SET, Kind.DAEMON_SET);

  private Selections() {}

  /** Something that has labels which a selector can choose. */
  private record Labelled(String namespace, Map<String, String> labels) {}

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.POD, Kind.AUTHORIZATION_POLICY)
        || !Need.settings(cluster, results)) {
      return;
    }
    Unenforced unenforced = Unenforced.of(cluster);
    String root = MeshView.of(cluster).settings().rootNamespace();
    List<Labelled> all = labelled(cluster);
    int selectors = 0;
    for (Kind kind : POLICIES) {
      for (ApiObject policy : cluster.objects().all(kind)) {
        Map<String, String> wanted = wanted(policy);
        selectors += wanted.isEmpty() ? 0 : 1;
        if (!wanted.isEmpty()) {
          selector(policy, wanted, root, all, results);
        }
        targets(cluster, policy, results);
        unenforced.tell(policy, results);
      }
    }
    if (results.isFine()) {
      results.pass(
          selectors == 0
              ? "no policy has a selector"
              : "%s select workloads with proxies".formatted(Words.count(selectors, "selector")));
    }
  }

  /** Pods, templates of Pods that may have none now, and workloads outside of the cluster. */
  private static List<Labelled> labelled(ClusterEvidence cluster) {
    List<Labelled> all = new ArrayList<>();
    cluster
        .objects()
        .all(Kind.POD)
        .forEach(pod -> all.add(new Labelled(pod.namespace(), pod.labels())));
    Stream<ApiObject> templates =
        WORKLOADS.stream().flatMap(kind -> cluster.objects().all(kind).stream());
    templates.forEach(
        workload ->
            all.add(
                new Labelled(
                    workload.namespace(), texts(workload.at("/spec/template/metadata/labels")))));
    cluster
        .objects()
        .all(Kind.WORKLOAD_ENTRY)
        .forEach(
            entry -> all.add(new Labelled(entry.namespace(), texts(entry.at("/spec/labels")))));
    return all;
  }

  /** The labels that a policy wants; none for one that is for all. */
  static Map<String, String> wanted(ApiObject policy) {
    return texts(policy.at("/spec/selector/matchLabels"));
  }

  static Map<String, String> texts(JsonNode node) {
    Map<String, String> found = new LinkedHashMap<>();
    node.properties().forEach(one -> found.put(one.getKey(), one.getValue().asString("")));
    return found;
  }

  private static void selector(
      ApiObject policy,
      Map<String, String> wanted,
      String root,
      List<Labelled> all,
      Results results) {
    List<Labelled> reachable =
        all.stream()
            .filter(
                one ->
                    policy.namespace().equals(root) || one.namespace().equals(policy.namespace()))
            .toList();
    boolean selects =
        reachable.stream().anyMatch(one -> one.labels().entrySet().containsAll(wanted.entrySet()));
    if (selects) {
      return;
    }
    Map<String, String> nearest = new LinkedHashMap<>();
    wanted.forEach(
        (key, value) -> hint(reachable, key, value).ifPresent(near -> nearest.put(key, near)));
    List<String> hints =
        nearest.entrySet().stream().map(one -> one.getKey() + ": " + one.getValue()).toList();
    String elsewhere =
        Words.some(
            new TreeSet<>(
                all.stream()
                    .filter(one -> one.labels().entrySet().containsAll(wanted.entrySet()))
                    .map(Labelled::namespace)
                    .toList()));
    boolean decides = policy.kind().equals(Kind.AUTHORIZATION_POLICY.singular());
    String summary =
        "%s selects no workload: %s%s"
            .formatted(
                policy.ref(),
                wanted,
                hints.isEmpty() ? "" : "; did you mean " + String.join(", ", hints) + "?");
    var said = decides ? results.fail(summary) : results.warn(summary);
    said.about(policy.ref())
        .seen("spec.selector.matchLabels " + wanted, "GET " + policy.ref())
        .cause(
            elsewhere.isEmpty()
                ? "no Pod and no template of Pods of "
                    + (policy.namespace().equals(root) ? "the mesh" : policy.namespace())
                    + " has these labels"
                : "such workloads are in another namespace: " + elsewhere)
        .effect("it protects nobody, whatever it says")
        .next(
            "kubectl -n %s edit %s %s"
                .formatted(
                    policy.namespace(), policy.kind().toLowerCase(Locale.ROOT), policy.name()));
    Written.of(policy).ifPresent(written -> said.since(written.at()));
    if (!nearest.isEmpty()) {
      said.fix(
          new Fix.Command(
              "select %s".formatted(String.join(", ", hints)),
              "kubectl -n %s patch %s %s --type=merge -p '%s'"
                  .formatted(
                      policy.namespace(),
                      policy.kind().toLowerCase(Locale.ROOT),
                      policy.name(),
                      labels(nearest))));
    }
  }

  private static String labels(Map<String, String> wanted) {
    ObjectNode patch = JsonMapper.shared().createObjectNode();
    wanted.forEach(patch.withObject("/spec/selector/matchLabels")::put);
    return patch.toString();
  }

  private static Optional<String> hint(List<Labelled> reachable, String key, String value) {
    Set<String> values = new TreeSet<>();
    reachable.forEach(
        one -> {
          String has = one.labels().get(key);
          if (has != null) {
            values.add(has);
          }
        });
    return values.contains(value) ? Optional.empty() : Spelled.nearest(value, values);
  }

  /** Targets that are no objects here: Services and ServiceEntries, which are read whole. */
  private static void targets(ClusterEvidence cluster, ApiObject policy, Results results) {
    Stream.concat(
            policy.at("/spec/targetRefs").valueStream(), Stream.of(policy.at("/spec/targetRef")))
        .forEach(
            target -> {
              String kind = target.path("kind").asString("");
              String name = target.path("name").asString("");
              Optional<Kind> known =
                  Stream.of(Kind.SERVICE, Kind.SERVICE_ENTRY)
                      .filter(one -> one.singular().equals(kind))
                      .findFirst();
              if (known.isEmpty() || cluster.objects().look(known.get()).found().isEmpty()) {
                return;
              }
              if (cluster.objects().find(known.get(), policy.namespace(), name).isEmpty()) {
                results
                    .fail(
                        "%s is for %s %s, which is not there%s"
                            .formatted(
                                policy.ref(),
                                kind,
                                name,
                                meant(cluster, known.get(), policy, name)))
                    .about(policy.ref())
                    .seen("spec.targetRefs", "GET " + policy.ref())
                    .effect("it protects nobody, whatever it says")
                    .next("name one that is in namespace " + policy.namespace());
              }
            });
  }

  private static String meant(ClusterEvidence cluster, Kind kind, ApiObject policy, String name) {
    return Spelled.meant(
        name,
        cluster.objects().all(kind).stream()
            .filter(one -> one.namespace().equals(policy.namespace()))
            .map(ApiObject::name)
            .toList());
  }
}
