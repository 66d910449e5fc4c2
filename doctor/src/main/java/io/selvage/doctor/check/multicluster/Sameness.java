package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether the same name is the same party: a namespace and ServiceAccount of two clusters in one
 * trust domain have one SPIFFE id. Whose a namespace is, its labels and annotations say where
 * people write it.
 */
public final class Sameness {
  /** A name has one owner. */
  public static final Check CHECK =
      new Check.OfMesh(
          new CheckInfo(
              "SLV8006",
              "a namespace of several clusters is one team's",
              Status.WARN,
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              List.of("R11"),
              Optional.empty()),
          Sameness::ask);

  private static final Set<String> OWNER =
      Set.of(
          "team", "owner", "tenant", "department", "cost-center", "app.kubernetes.io/managed-by");

  private Sameness() {}

  private static void ask(Evidence evidence, Results results) {
    List<ClusterEvidence> clusters = Clusters.of(evidence, results);
    Set<String> shared = new TreeSet<>();
    Set<String> owned = new TreeSet<>();
    for (Clusters.Pair pair : Clusters.pairs(clusters)) {
      if (!Need.kinds(pair.one(), results, Kind.NAMESPACE, Kind.POD)
          || !Need.kinds(pair.other(), results, Kind.NAMESPACE, Kind.POD)
          || !Need.settings(pair.one(), results)
          || !Need.settings(pair.other(), results)) {
        return;
      }
      if (!Clusters.trustDomain(pair.one()).equals(Clusters.trustDomain(pair.other()))) {
        continue; // two trust domains are two names
      }
      for (ApiObject namespace : pair.one().objects().all(Kind.NAMESPACE)) {
        Optional<ApiObject> other =
            pair.other().objects().find(Kind.NAMESPACE, "", namespace.name());
        Set<String> accounts = accounts(pair.one(), namespace.name());
        accounts.retainAll(accounts(pair.other(), namespace.name()));
        if (other.isPresent() && !accounts.isEmpty()) {
          shared.add(namespace.name());
          Map<String, String> here = owners(namespace);
          Map<String, String> there = owners(other.get());
          if (!here.isEmpty() && !there.isEmpty()) {
            owned.add(namespace.name());
          }
          compare(pair, namespace, here, there, accounts, results);
        }
      }
    }
    if (clusters.isEmpty() || !results.all().isEmpty()) {
      return;
    }
    if (shared.isEmpty()) {
      results.skip("no ServiceAccount runs under one name in two clusters");
    } else {
      results.pass(
          "%s in several clusters, and no labels say that they are of different owners (%d say whose)"
              .formatted(Words.count(shared.size(), "namespace"), owned.size()));
    }
  }

  private static Set<String> accounts(ClusterEvidence cluster, String namespace) {
    return new TreeSet<>(
        MeshView.of(cluster).inMesh().stream()
            .filter(pod -> pod.namespace().equals(namespace))
            .map(PodView::serviceAccount)
            .toList());
  }

  private static Map<String, String> owners(ApiObject namespace) {
    Map<String, String> found = new LinkedHashMap<>();
    List.of(namespace.annotations(), namespace.labels())
        .forEach(
            all ->
                all.forEach(
                    (key, value) -> {
                      String last = key.substring(key.lastIndexOf('/') + 1);
                      if (OWNER.contains(key) || OWNER.contains(last)) {
                        found.put(last, value);
                      }
                    }));
    return found;
  }

  private static void compare(
      Clusters.Pair pair,
      ApiObject namespace,
      Map<String, String> here,
      Map<String, String> there,
      Set<String> accounts,
      Results results) {
    List<String> different = new ArrayList<>();
    here.forEach(
        (key, value) -> {
          String other = there.get(key);
          if (other != null && !other.equals(value)) {
            different.add("%s is %s / %s".formatted(key, value, other));
          }
        });
    if (different.isEmpty()) {
      return;
    }
    String domain = Clusters.trustDomain(pair.one());
    results
        .warn(
            "namespace %s of %s is of different owners: %s"
                .formatted(namespace.name(), pair.names(), String.join(", ", different)))
        .about(namespace.ref())
        .seen(String.join(", ", different), "GET " + namespace.ref())
        .cause("in one trust domain the same namespace and ServiceAccount are one identity")
        .effect(
            "spiffe://%s/ns/%s/sa/%s is both: what one may call, the other may, too"
                .formatted(domain, namespace.name(), Words.some(accounts)))
        .next("rename one of the namespaces, or give one cluster its own trust domain");
  }
}
