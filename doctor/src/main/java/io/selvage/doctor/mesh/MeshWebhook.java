package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.evidence.Look;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * One entry of a webhook configuration by which the API server asks a mesh's control plane.
 *
 * @param configuration that it stands in
 * @param index of the entry, from 0
 */
public record MeshWebhook(ApiObject configuration, int index, JsonNode entry) {
  private static final List<String> NAMES =
      List.of(
          "sidecar-injector.istio.io",
          "sidecar-injector.selvage.io",
          "validation.istio.io",
          "validation.selvage.io");

  /** All that inject, of every revision and tag. */
  public static Look<List<MeshWebhook>> injecting(ClusterEvidence cluster, Flavour flavour) {
    return of(cluster, flavour, Kind.MUTATING_WEBHOOK);
  }

  /** All that judge configuration, of every revision and tag. */
  public static Look<List<MeshWebhook>> validating(ClusterEvidence cluster, Flavour flavour) {
    return of(cluster, flavour, Kind.VALIDATING_WEBHOOK);
  }

  /** All that inject, of whatever mesh: two may stand beside each other. */
  public static List<MeshWebhook> anyInjecting(ClusterEvidence cluster) {
    return cluster.objects().all(Kind.MUTATING_WEBHOOK).stream()
        .flatMap(MeshWebhook::entries)
        .filter(one -> one.name().contains("sidecar-injector."))
        .toList();
  }

  /** A namespace's labels, with the one that the API server adds. */
  public static Map<String, String> labelsOf(ApiObject namespace) {
    Map<String, String> labels = new LinkedHashMap<>(namespace.labels());
    labels.putIfAbsent("kubernetes.io/metadata.name", namespace.name());
    return labels;
  }

  private static Look<List<MeshWebhook>> of(ClusterEvidence cluster, Flavour flavour, Kind kind) {
    return cluster
        .objects()
        .look(kind)
        .map(
            all ->
                all.stream()
                    .flatMap(MeshWebhook::entries)
                    .filter(one -> one.isOf(flavour))
                    .toList());
  }

  private static Stream<MeshWebhook> entries(ApiObject configuration) {
    List<MeshWebhook> all = new ArrayList<>();
    for (JsonNode entry : configuration.at("/webhooks")) {
      all.add(new MeshWebhook(configuration, all.size(), entry));
    }
    return all.stream();
  }

  /** By its name, as the field has it, or since it calls a Service of the control plane. */
  private boolean isOf(Flavour flavour) {
    boolean named = NAMES.stream().anyMatch(name()::endsWith);
    boolean ours = name().endsWith("selvage.io") == (flavour.kind() == Flavour.Kind.SELVAGE);
    boolean called =
        serviceNamespace().equals(flavour.namespace())
            && flavour.revisions().stream().anyMatch(one -> one.service().equals(service()));
    return called || (named && ours);
  }

  /** The entry's own name, a DNS name. */
  public String name() {
    return entry.path("name").asString("");
  }

  /** {@code istio-sidecar-injector[0] rev.namespace.sidecar-injector.istio.io}. */
  public String shown() {
    return "%s[%d] %s".formatted(configuration.name(), index, name());
  }

  /** The Service that is called; empty when it is called by URL. */
  public String service() {
    return entry.at("/clientConfig/service/name").asString("");
  }

  public String serviceNamespace() {
    return entry.at("/clientConfig/service/namespace").asString("");
  }

  public int servicePort() {
    return entry.at("/clientConfig/service/port").asInt(443);
  }

  /** By which it is called when not by a Service: the control plane is outside of the cluster. */
  public Optional<String> url() {
    return Optional.of(entry.at("/clientConfig/url").asString("")).filter(url -> !url.isEmpty());
  }

  /** The name that its certificate must have. */
  public String serverName() {
    return service() + "." + serviceNamespace() + ".svc";
  }

  /** What stands in {@code caBundle}, decoded once; empty when nothing does. */
  public Optional<String> caBundle() {
    String written = entry.at("/clientConfig/caBundle").asString("");
    if (written.isBlank()) {
      return Optional.empty();
    }
    try {
      return Optional.of(new String(Base64.getDecoder().decode(written), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException notBase64) {
      return Optional.of(written);
    }
  }

  /** {@code Fail} unless it says otherwise. */
  public String failurePolicy() {
    return entry.path("failurePolicy").asString("Fail");
  }

  /** The revision that it is for, {@code default} when no label says. */
  public String revision() {
    return configuration.labels().getOrDefault("istio.io/rev", "default");
  }

  /** The tag that it makes; empty when it is the revision's own. */
  public Optional<String> tag() {
    return Optional.ofNullable(configuration.labels().get("istio.io/tag"));
  }

  /** Whether the API server asks it about a Pod. */
  public boolean asks(Map<String, String> namespaceLabels, Map<String, String> podLabels) {
    return new LabelSelector(entry.path("namespaceSelector")).matches(namespaceLabels)
        && new LabelSelector(entry.path("objectSelector")).matches(podLabels);
  }

  /** The JSON pointer of its {@code caBundle} in the configuration. */
  public String bundlePointer() {
    return "/webhooks/" + index + "/clientConfig/caBundle";
  }
}
