package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import java.util.stream.Stream;

/** A Pod that asks for a sidecar and is never stored: whether it would have got one. */
final class InjectionTrial {
  private static final String SIDECAR = "istio-proxy";

  private final KubernetesClient client;
  private final String namespace;

  InjectionTrial(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  Check check() {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("selvage-injection-trial")
            .withNamespace(namespace)
            .addToLabels(InjectionPolicy.REVISION_LABEL, InjectionSettings.REVISION)
            .endMetadata()
            .withNewSpec()
            .withServiceAccountName("selvage")
            .addNewContainer()
            .withName("app")
            .withImage("app")
            .endContainer()
            .endSpec()
            .build();
    try {
      Pod tried = client.pods().inNamespace(namespace).resource(pod).dryRun(true).create();
      return hasSidecar(tried)
          ? Check.passed("a Pod that asks for a sidecar gets one (tried, not stored)")
          : Check.failed("a Pod that asks for a sidecar gets none: no webhook took it");
    } catch (KubernetesClientException e) {
      return Check.failed("a Pod that asks for a sidecar is refused: " + Planner.words(e));
    }
  }

  private static boolean hasSidecar(Pod pod) {
    return Stream.concat(
            pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
        .map(Container::getName)
        .anyMatch(SIDECAR::equals);
  }
}
