package io.selvage.doctor.check.injection;

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
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** SLV3007: no workload is both in a sidecar's and in ztunnel's hands. */
public final class AmbientOverlap {
  private static final String MODE = "istio.io/dataplane-mode";

  private AmbientOverlap() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV3007",
            "no workload has a sidecar and ztunnel",
            Status.FAIL,
            Set.of(Source.OBJECTS, Source.CONFIG),
            FixClass.CONSENTED,
            List.of(),
            Optional.of("IST0123")),
        AmbientOverlap::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (Asked.inKubernetes(cluster, results).isEmpty()
        || !Need.kinds(cluster, results, Kind.POD, Kind.NAMESPACE)) {
      return;
    }
    int ambient = 0;
    for (ApiObject object : cluster.objects().all(Kind.POD)) {
      PodView pod = new PodView(object);
      if (!pod.isOver() && pod.isAmbient()) {
        ambient++;
        if (pod.hasSidecar()) {
          both(pod, cluster, results);
        }
      }
    }
    for (ApiObject namespace : cluster.objects().all(Kind.NAMESPACE)) {
      labels(namespace, results);
    }
    if (results.all().isEmpty()) {
      results
          .pass(
              ambient == 0
                  ? "no Pod is in ztunnel's hands"
                  : "%d Pods are in ztunnel's hands, none of them has a sidecar".formatted(ambient))
          .seen("ambient.istio.io/redirection of the Pods", "GET pods");
    }
  }

  private static void both(PodView pod, ClusterEvidence cluster, Results results) {
    var said =
        results
            .fail("%s has a sidecar and is in ztunnel's hands".formatted(pod.qualified()))
            .about(pod.ref())
            .seen("container istio-proxy, ambient.istio.io/redirection=enabled", "GET " + pod.ref())
            .cause("its namespace was labelled for ambient while it had a sidecar")
            .effect("its connections are wrapped twice, or bypass one of the two")
            .next("leave it one of the labels, and restart it");
    Owners.workload(cluster.objects(), pod.pod())
        .ifPresent(owner -> said.fix(new Fix.Restart("restart " + owner, owner)));
  }

  private static void labels(ApiObject namespace, Results results) {
    boolean sidecars = "enabled".equals(namespace.labels().get("istio-injection"));
    if (sidecars && "ambient".equals(namespace.labels().get(MODE))) {
      results
          .warn("ns %s asks for sidecars and for ambient".formatted(namespace.name()))
          .about(namespace.ref())
          .seen(namespace.labels().toString(), "GET " + namespace.ref())
          .cause("a migration that is not over, or two owners of the namespace")
          .effect("new Pods get a sidecar; those without are taken by ztunnel")
          .next("kubectl label namespace %s istio-injection-".formatted(namespace.name()));
    }
  }
}
