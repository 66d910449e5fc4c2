package io.selvage.control.kubernetes.inject;

import io.selvage.control.kubernetes.inject.InjectionChoices.NativeSidecars;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Pods to inject. */
final class Pods {
  static final InjectionSettings SETTINGS =
      InjectionSettings.standard("localhost/selvage:test", "selvage.istio-system.svc:15012");

  private Pods() {}

  /** {@link #SETTINGS}, but for whether Istio's labels count and who is never injected. */
  static InjectionSettings settings(boolean istioLabels, List<LabelSelector> never) {
    return settings(istioLabels, List.of(), never);
  }

  /** The same with tags. */
  static InjectionSettings settings(
      boolean istioLabels, List<String> tags, List<LabelSelector> never) {
    return new InjectionSettings(
        SETTINGS.image(),
        SETTINGS.pullPolicy(),
        SETTINGS.pullSecrets(),
        SETTINGS.controlPlane(),
        SETTINGS.meshId(),
        SETTINGS.clusterId(),
        SETTINGS.network(),
        SETTINGS.clusterDomain(),
        SETTINGS.nativeSidecars(),
        istioLabels,
        tags,
        never,
        SETTINGS.holdApplication(),
        SETTINGS.drain(),
        SETTINGS.concurrency(),
        SETTINGS.statusPort(),
        SETTINGS.mergeMetrics(),
        SETTINGS.variables(),
        SETTINGS.proxy());
  }

  /** {@link #SETTINGS}, but for what an installation's options say of its sidecars. */
  static InjectionSettings settings(List<String> pullSecrets, ProxyDefaults proxy) {
    return new InjectionChoices(
            SETTINGS.image(),
            SETTINGS.pullPolicy(),
            pullSecrets,
            Optional.of(SETTINGS.controlPlane()),
            Optional.of(SETTINGS.meshId()),
            SETTINGS.network(),
            NativeSidecars.TRUE,
            true,
            List.of(),
            List.of(),
            false,
            proxy)
        .in("istio-system", SETTINGS.meshId(), SETTINGS.clusterId(), 36);
  }

  static ObjectNode of(String yaml) {
    return (ObjectNode) ClusterYaml.readOne(yaml).orElseThrow();
  }

  /** One container, with these labels and annotations. */
  static ObjectNode with(Map<String, String> labels, Map<String, String> annotations) {
    ObjectNode pod =
        of(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: sample}
            spec: {containers: [{name: app, image: app}]}
            """);
    ObjectNode metadata = (ObjectNode) pod.get("metadata");
    labels.forEach(metadata.putObject("labels")::put);
    annotations.forEach(metadata.putObject("annotations")::put);
    return pod;
  }

  static ObjectNode annotated(String name, String value) {
    return with(Map.of("app", "web"), Map.of(name, value));
  }
}
