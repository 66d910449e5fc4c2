package io.selvage.doctor.check.multicluster;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
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
import io.selvage.doctor.view.Words;
import io.selvage.doctor.view.Written;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Policies that differ between clusters where both have the namespace: who may call depends on
 * where the call is answered.
 */
public final class Drift {
  /** None differ. */
  public static final Check CHECK =
      new Check.OfMesh(
          new CheckInfo(
              "SLV8005",
              "policies are the same in every cluster",
              Status.FAIL,
              Set.of(Source.OBJECTS),
              FixClass.PRINTED,
              List.of("R11"),
              Optional.of("IST0170")),
          Drift::ask);

  private static final List<Kind> KINDS =
      List.of(Kind.AUTHORIZATION_POLICY, Kind.PEER_AUTHENTICATION, Kind.REQUEST_AUTHENTICATION);

  private Drift() {}

  private static void ask(Evidence evidence, Results results) {
    List<ClusterEvidence> clusters = Clusters.of(evidence, results);
    int same = 0;
    for (Clusters.Pair pair : Clusters.pairs(clusters)) {
      if (!Need.kinds(pair.one(), results, Kind.NAMESPACE)
          || !Need.kinds(pair.other(), results, Kind.NAMESPACE)
          || !Need.settings(pair.one(), results)
          || !Need.settings(pair.other(), results)) {
        return;
      }
      if (isRemote(pair.one()) || isRemote(pair.other())) {
        continue; // one control plane reads the policies of its own cluster for both
      }
      for (Kind kind : KINDS) {
        boolean seen =
            Need.kinds(pair.one(), results, kind) && Need.kinds(pair.other(), results, kind);
        same += seen ? compare(pair, kind, results) : 0;
      }
    }
    if (!clusters.isEmpty() && results.all().isEmpty()) {
      results.pass("the same wherever it counts: " + Words.count(same, "object"));
    }
  }

  /** Its workloads are served by another cluster's control plane. */
  private static boolean isRemote(ClusterEvidence cluster) {
    return cluster
        .flavour()
        .found()
        .map(
            flavour ->
                flavour.revisions().stream().allMatch(one -> one.deployment().isEmpty())
                    && KINDS.stream().allMatch(kind -> cluster.objects().all(kind).isEmpty()))
        .orElse(false);
  }

  private static int compare(Clusters.Pair pair, Kind kind, Results results) {
    Set<String> names = new TreeSet<>();
    for (ClusterEvidence cluster : List.of(pair.one(), pair.other())) {
      cluster.objects().all(kind).forEach(one -> names.add(one.namespace() + "/" + one.name()));
    }
    int same = 0;
    for (String name : names) {
      String namespace = name.substring(0, name.indexOf('/'));
      String own = name.substring(name.indexOf('/') + 1);
      if (!isShared(pair, namespace)) {
        continue;
      }
      Optional<ApiObject> one = pair.one().objects().find(kind, namespace, own);
      Optional<ApiObject> other = pair.other().objects().find(kind, namespace, own);
      if (one.isPresent() && other.isPresent()) {
        if (one.get().at("/spec").equals(other.get().at("/spec"))) {
          same++;
        } else {
          differ(pair, one.get(), other.get(), results);
        }
      } else if (one.isPresent()) {
        missing(pair, one.get(), results);
      } else {
        other.ifPresent(there -> missing(pair.reversed(), there, results));
      }
    }
    return same;
  }

  /** The root namespace, and namespaces with workloads in both: elsewhere nothing is the same. */
  private static boolean isShared(Clusters.Pair pair, String namespace) {
    return List.of(pair.one(), pair.other()).stream()
        .allMatch(
            cluster -> {
              MeshView mesh = MeshView.of(cluster);
              return namespace.equals(mesh.settings().rootNamespace())
                  || mesh.inMesh().stream().anyMatch(pod -> pod.namespace().equals(namespace));
            });
  }

  private static void missing(Clusters.Pair has, ApiObject object, Results results) {
    String summary =
        "%s is in %s and not in %s"
            .formatted(object.ref(), has.one().context(), has.other().context());
    var said = decides(object) ? results.fail(summary) : results.warn(summary);
    said.in(has.other().context())
        .about(object.ref())
        .seen("in " + has.one().context(), "GET " + object.ref())
        .cause("it was written to one cluster only")
        .effect("who may call depends on the cluster that answers")
        .next("write it to both, or take it from both; selvage prove diff shows what differs")
        .fix(
            new Fix.Command(
                "copy %s to %s".formatted(object.ref(), has.other().context()),
                "kubectl --context %s -n %s get %s %s -o yaml | kubectl --context %s apply -f -"
                    .formatted(
                        has.one().context(),
                        object.namespace(),
                        object.kind().toLowerCase(Locale.ROOT),
                        object.name(),
                        has.other().context())));
    Written.of(object).ifPresent(written -> said.since(written.at()));
  }

  private static boolean decides(ApiObject object) {
    return object.kind().equals(Kind.AUTHORIZATION_POLICY.singular());
  }

  private static void differ(Clusters.Pair pair, ApiObject one, ApiObject other, Results results) {
    String summary = "%s is not the same in %s".formatted(one.ref(), pair.names());
    var said = decides(one) ? results.fail(summary) : results.warn(summary);
    said.about(one.ref())
        .seen("%s: written %s".formatted(pair.one().context(), written(one)), "GET " + one.ref())
        .seen(
            "%s: written %s".formatted(pair.other().context(), written(other)),
            "GET " + other.ref())
        .cause("one of the two was changed alone")
        .effect("who may call depends on the cluster that answers")
        .next(
            "selvage prove diff shows what differs for callers; then write the right one to both");
  }

  private static String written(ApiObject object) {
    return Written.of(object).map(Written::toString).orElse("nobody knows when");
  }
}
