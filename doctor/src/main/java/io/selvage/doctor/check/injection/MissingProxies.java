package io.selvage.doctor.check.injection;

import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.ManagedFields;
import io.selvage.doctor.mesh.Owners;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.mesh.WantedProxies;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Written;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** SLV3006: a Pod whose namespace or own label asks for a proxy has one. */
public final class MissingProxies {
  private MissingProxies() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV3006",
            "Pods that should have a proxy have one",
            Status.FAIL,
            Set.of(Source.OBJECTS),
            FixClass.SAFE,
            List.of("R1"),
            Optional.of("IST0103")),
        MissingProxies::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty()
        || !Need.kinds(cluster, results, Kind.MUTATING_WEBHOOK, Kind.NAMESPACE, Kind.POD)) {
      return;
    }
    WantedProxies wanted = WantedProxies.of(cluster);
    Map<ObjectRef, List<PodView>> without = new LinkedHashMap<>();
    int proxied = 0;
    for (ApiObject object : cluster.objects().all(Kind.POD)) {
      PodView pod = new PodView(object);
      if (pod.isOver()) {
        continue;
      }
      if (pod.isInMesh()) {
        proxied++;
      } else if (wanted.isFor(pod)) {
        ObjectRef owner = Owners.workload(cluster.objects(), object).orElse(pod.ref());
        without.computeIfAbsent(owner, _ -> new ArrayList<>()).add(pod);
      }
    }
    without.forEach(
        (owner, pods) -> fail(owner, pods, wanted.namespace(owner.namespace()), results));
    if (results.all().isEmpty()) {
      results
          .pass("%d Pods have a proxy, none lacks one".formatted(proxied))
          .seen("labels, webhooks' selectors, containers", "GET pods, namespaces");
    }
  }

  private static void fail(
      ObjectRef owner, List<PodView> pods, Optional<ApiObject> namespace, Results results) {
    PodView first = pods.getFirst();
    Optional<Written> labelled = namespace.flatMap(MissingProxies::labelled);
    Optional<Written> created =
        Written.instant(first.pod().text("/metadata/creationTimestamp"))
            .map(at -> new Written(at, ""));
    boolean older =
        labelled.isPresent()
            && created.isPresent()
            && created.get().at().isBefore(labelled.get().at());
    boolean restartable = !owner.kind().equals("Pod");
    var said =
        results
            .fail(
                "%d Pod%s of %s without a proxy"
                    .formatted(pods.size(), pods.size() == 1 ? "" : "s", owner))
            .seen(
                Shown.some(pods.stream().map(PodView::qualified).toList()),
                "GET pods -n " + owner.namespace())
            .cause(
                older
                    ? "they are older than the label of the namespace (%s)"
                        .formatted(labelled.get())
                    : "the webhook was away, or not there yet, when they were created")
            .effect("they speak plaintext, have no identity, and no policy protects them")
            .next(
                restartable
                    ? "kubectl -n %s rollout restart %s/%s"
                        .formatted(
                            owner.namespace(), owner.kind().toLowerCase(Locale.ROOT), owner.name())
                    : "create the Pod anew");
    pods.stream().limit(5).forEach(pod -> said.about(pod.ref()));
    created.map(Written::at).ifPresent(said::since);
    if (restartable) {
      said.fix(new Fix.Restart("restart " + owner, owner));
    }
  }

  /** Who gave the namespace its label, and when. */
  private static Optional<Written> labelled(ApiObject namespace) {
    return Stream.of("istio-injection", "istio.io/rev", "selvage.io/injection", WantedProxies.MODE)
        .flatMap(
            label ->
                ManagedFields.lastOf(namespace, List.of("f:metadata", "f:labels", "f:" + label))
                    .stream())
        .findFirst();
  }
}
