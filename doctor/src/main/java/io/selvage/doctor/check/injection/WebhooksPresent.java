package io.selvage.doctor.check.injection;

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
import io.selvage.doctor.mesh.MeshWebhook;
import io.selvage.doctor.mesh.Shown;
import io.selvage.doctor.view.Need;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** SLV3001: whoever asks for sidecars by a label has a webhook that hears it. */
public final class WebhooksPresent {
  private static final String REVISION = "istio.io/rev";
  private static final String ISTIO = "istio-injection";
  private static final String SELVAGE = "selvage.io/injection";

  private WebhooksPresent() {}

  /** The check. */
  public static Check check() {
    return new Check.OfCluster(
        new CheckInfo(
            "SLV3001",
            "every revision that is asked for has a webhook",
            Status.FAIL,
            Set.of(Source.OBJECTS),
            FixClass.PRINTED,
            List.of("R5"),
            Optional.of("IST0101")),
        WebhooksPresent::ask);
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    Optional<Flavour> flavour = Asked.inKubernetes(cluster, results);
    if (flavour.isEmpty() || !Need.kinds(cluster, results, Kind.MUTATING_WEBHOOK, Kind.NAMESPACE)) {
      return;
    }
    List<MeshWebhook> webhooks = MeshWebhook.anyInjecting(cluster);
    int asking = 0;
    for (ApiObject namespace : cluster.objects().all(Kind.NAMESPACE)) {
      Optional<String> asked = asked(namespace.labels());
      if (asked.isEmpty()) {
        continue;
      }
      asking++;
      Map<String, String> labels = MeshWebhook.labelsOf(namespace);
      if (webhooks.stream().noneMatch(one -> one.asks(labels, Map.of()))) {
        fail(namespace, asked.get(), webhooks, flavour.get(), results);
      }
    }
    byPods(cluster, webhooks, results);
    if (results.all().isEmpty()) {
      if (asking == 0 && webhooks.isEmpty()) {
        results.skip("no namespace asks for sidecars, and no webhook would hear it");
      } else {
        results
            .pass("%d namespaces ask, a webhook hears each".formatted(asking))
            .seen(
                Shown.some(webhooks.stream().map(MeshWebhook::shown).toList()),
                "GET mutatingwebhookconfigurations");
      }
    }
  }

  /** The label by which a namespace asks for sidecars. */
  private static Optional<String> asked(Map<String, String> labels) {
    if (labels.containsKey(SELVAGE)) {
      return label(labels, SELVAGE).filter(one -> one.endsWith("=enabled"));
    }
    if (labels.containsKey(ISTIO)) {
      return label(labels, ISTIO).filter(one -> one.endsWith("=enabled"));
    }
    return label(labels, REVISION);
  }

  private static Optional<String> label(Map<String, String> labels, String key) {
    return Optional.ofNullable(labels.get(key)).map(value -> key + "=" + value);
  }

  private static void fail(
      ApiObject namespace,
      String label,
      List<MeshWebhook> webhooks,
      Flavour flavour,
      Results results) {
    Set<String> heard = new TreeSet<>();
    webhooks.forEach(one -> heard.add(one.tag().orElse(one.revision())));
    var said =
        results
            .fail("ns %s is labelled %s, which no webhook hears".formatted(namespace.name(), label))
            .about(namespace.ref())
            .seen("label " + label, "GET " + namespace.ref())
            .seen(
                heard.isEmpty() ? "no webhook injects" : "webhooks hear " + heard,
                "GET mutatingwebhookconfigurations")
            .effect("Pods there start without a proxy: in plaintext, without policy");
    if (webhooks.isEmpty()) {
      said.cause("the webhook configuration is gone")
          .next(
              flavour.kind() == Flavour.Kind.SELVAGE
                  ? "selvage install"
                  : "istioctl install, or: helm upgrade istiod (its chart has the webhook)");
    } else if (label.startsWith(REVISION)) {
      said.cause("that revision or tag was removed, or is misspelt")
          .next(
              "kubectl label namespace %s --overwrite %s=%s"
                  .formatted(
                      namespace.name(), REVISION, heard.stream().findFirst().orElse("default")));
    } else {
      said.cause(
              label.startsWith(ISTIO) && flavour.kind() == Flavour.Kind.SELVAGE
                  ? "this installation does not take Istio's labels for its own"
                  : "no revision is the default one: its tag \"default\" is missing")
          .next(
              flavour.kind() == Flavour.Kind.SELVAGE
                  ? "kubectl label namespace %s %s=enabled".formatted(namespace.name(), SELVAGE)
                  : "istioctl tag set default --revision "
                      + heard.stream().findFirst().orElse("REVISION"));
    }
  }

  /** Pods that ask by a label of their own, in namespaces that do not decide. */
  private static void byPods(ClusterEvidence cluster, List<MeshWebhook> webhooks, Results results) {
    Map<String, Map<String, String>> namespaces = new HashMap<>();
    cluster
        .objects()
        .all(Kind.NAMESPACE)
        .forEach(one -> namespaces.put(one.name(), MeshWebhook.labelsOf(one)));
    for (ApiObject pod : cluster.objects().all(Kind.POD)) {
      Map<String, String> of = namespaces.getOrDefault(pod.namespace(), Map.of());
      String revision = pod.labels().getOrDefault(REVISION, "");
      boolean itsOwn =
          !revision.isEmpty()
              && !"false".equals(pod.labels().get("sidecar.istio.io/inject"))
              && !pod.annotations().containsKey("sidecar.istio.io/status")
              && asked(of).isEmpty()
              && !of.containsKey(ISTIO);
      if (itsOwn
          && webhooks.stream().noneMatch(one -> one.asks(of, pod.labels()))
          && !isControlPlane(pod)) {
        results
            .fail(
                "Pod %s/%s is labelled %s=%s, which no webhook hears"
                    .formatted(pod.namespace(), pod.name(), REVISION, revision))
            .about(pod.ref())
            .seen("label " + REVISION + "=" + revision, "GET " + pod.ref())
            .cause("that revision or tag was removed, or is misspelt")
            .effect("it runs without a proxy")
            .next("change the label in its Deployment's template");
      }
    }
  }

  private static boolean isControlPlane(ApiObject pod) {
    return pod.labels().getOrDefault("app", "").startsWith("istiod")
        || pod.labels().getOrDefault("app", "").equals("selvage");
  }
}
