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
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.Asked;
import io.selvage.doctor.mesh.MeshWebhook;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** SLV3005: no Pod escapes injection when the webhook is away, and none is injected by two. */
public final class FailurePolicies {
  private FailurePolicies() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV3005",
            "no Pod escapes injection, none is injected by two",
            Status.FAIL,
            Set.of(Source.OBJECTS),
            FixClass.CONSENTED,
            List.of("R5"),
            Optional.of("IST0139")),
        FailurePolicies::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty() || !Need.kinds(cluster, results, Kind.MUTATING_WEBHOOK, Kind.NAMESPACE)) {
      return;
    }
    List<MeshWebhook> webhooks = MeshWebhook.anyInjecting(cluster);
    if (webhooks.isEmpty()) {
      results.skip("the mesh has no webhooks here");
      return;
    }
    Map<String, List<MeshWebhook>> open = new TreeMap<>();
    webhooks.stream()
        .filter(one -> one.failurePolicy().equals("Ignore"))
        .forEach(
            one ->
                open.computeIfAbsent(one.configuration().name(), _ -> new ArrayList<>()).add(one));
    open.values().forEach(some -> ignores(some, results));
    cluster.objects().all(Kind.NAMESPACE).forEach(one -> doubled(one, webhooks, results));
    if (results.all().isEmpty()) {
      results
          .pass("%d entries fail closed, and none overlaps another's".formatted(webhooks.size()))
          .seen("failurePolicy Fail", "GET mutatingwebhookconfigurations");
    }
  }

  private static void ignores(List<MeshWebhook> some, Results results) {
    MeshWebhook first = some.getFirst();
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    for (MeshWebhook one : some) {
      patch
          .addObject()
          .put("op", "replace")
          .put("path", "/webhooks/" + one.index() + "/failurePolicy")
          .put("value", "Fail");
    }
    results
        .warn("%s has failurePolicy Ignore".formatted(first.configuration().name()))
        .about(first.configuration().ref())
        .seen(
            Shown.some(some.stream().map(MeshWebhook::name).toList()),
            "GET " + first.configuration().ref())
        .cause("it was set so that Pods start without the control plane")
        .effect("Pods that are created while it is away run without mTLS and policy, unnoticed")
        .next("set failurePolicy: Fail, and run two replicas of the control plane")
        .fix(
            new Fix.Patch(
                "failurePolicy Fail for " + some.size() + " entries",
                first.configuration().apiVersion(),
                first.configuration().ref(),
                patch));
  }

  /** A plain Pod of the namespace that two different control planes would inject. */
  private static void doubled(ApiObject namespace, List<MeshWebhook> webhooks, Results results) {
    Map<String, String> labels = MeshWebhook.labelsOf(namespace);
    Map<String, MeshWebhook> services = new LinkedHashMap<>();
    for (MeshWebhook one : webhooks) {
      if (one.asks(labels, Map.of())) {
        services.putIfAbsent(one.url().orElse(one.serviceNamespace() + "/" + one.service()), one);
      }
    }
    if (services.size() > 1) {
      Set<String> names = new LinkedHashSet<>();
      services.values().forEach(one -> names.add(one.shown()));
      var said =
          results
              .fail(
                  "Pods of ns %s are injected by %d control planes"
                      .formatted(namespace.name(), services.size()))
              .about(namespace.ref())
              .seen(Shown.some(names), "GET mutatingwebhookconfigurations")
              .cause("two revisions or two meshes hear the same label")
              .effect("which proxy a Pod gets is a matter of chance")
              .next("leave the namespace one label, istio.io/rev or istio-injection");
      services.values().forEach(one -> said.about(one.configuration().ref()));
    }
  }
}
