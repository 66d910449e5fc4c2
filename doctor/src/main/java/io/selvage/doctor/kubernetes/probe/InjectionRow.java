package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.probe.Rows;
import java.net.HttpURLConnection;
import java.util.Map;
import java.util.stream.Stream;

/** A Pod that asks for a sidecar, made without being kept: all the way through the webhooks. */
final class InjectionRow {
  private final KubernetesClient client;
  private final ProbeNamespace namespace;
  private final Rows rows;

  InjectionRow(KubernetesClient client, ProbeNamespace namespace, Rows rows) {
    this.client = client;
    this.namespace = namespace;
    this.rows = rows;
  }

  /** The labels by which a Pod asks a revision for a sidecar, in a namespace that does not. */
  static Map<String, String> labels(Flavour flavour, Flavour.Revision revision) {
    String wish = InjectionPolicy.POD_LABEL;
    String label = InjectionPolicy.REVISION_LABEL;
    if (flavour.kind() == Flavour.Kind.SELVAGE) {
      return Map.of(wish, "true", label, InjectionSettings.REVISION);
    }
    return revision.name().equals("default")
        ? Map.of(wish, "true")
        : Map.of(wish, "true", label, revision.name());
  }

  static boolean isInjected(Pod pod) {
    return Stream.concat(
            pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
        .map(Container::getName)
        .anyMatch("istio-proxy"::equals);
  }

  void send(Flavour flavour) {
    for (Flavour.Revision revision : flavour.revisions()) {
      Pod pod =
          new PodBuilder()
              .withNewMetadata()
              .withName("injection-trial")
              .withNamespace(namespace.name())
              .withLabels(labels(flavour, revision))
              .endMetadata()
              .withNewSpec()
              .withServiceAccountName(ProbeNamespace.CALLER)
              .addNewContainer()
              .withName("app")
              .withImage("app")
              .endContainer()
              .endSpec()
              .build();
      String result;
      Map<String, String> details = Map.of("revision", revision.name());
      try {
        Pod tried = client.pods().inNamespace(namespace.name()).resource(pod).dryRun(true).create();
        result = isInjected(tried) ? "injected" : "not-injected";
      } catch (KubernetesClientException e) {
        boolean isRights = e.getCode() == HttpURLConnection.HTTP_FORBIDDEN;
        result = isRights ? ProbeOutcome.NOT_SENT : "refused";
        details = Map.of("revision", revision.name(), "error", Refused.words(e));
      }
      rows.add(
          new ProbeOutcome(
              ProbeOutcome.Purpose.INJECTION_DRY_RUN,
              "API server",
              new ProbeOutcome.Target(namespace.name(), revision.name()),
              0,
              "create pod (dry run)",
              result,
              details));
    }
  }
}
