package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.control.kubernetes.lease.Leadership;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an uninstallation takes away, in its order: the webhooks first, so that nothing waits for a
 * control plane that has gone. Keys, users' resources and what others made stay.
 */
public final class Removal {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String READER = "selvage-reader";

  private final KubernetesClient client;
  private final String namespace;
  private final ObjectClient objects;

  /** From one cluster. */
  public Removal(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    this.objects = new ObjectClient(client);
  }

  /**
   * What is to be done.
   *
   * @param purge whether what can't be had back goes, too: the CA's key, the mesh's configuration,
   *     the definitions with all policies in them, and the namespace
   */
  public List<Change> plan(boolean purge) {
    InstallSettings settings = InstallSettings.DEFAULTS.with("replicas", "2");
    List<ManifestObject> all =
        new ArrayList<>(Manifest.of(namespace, "any", settings, true).objects());
    all.addAll(1, neighbours());
    all.add(1, bare(ObjectKind.SECRET, "istio-ca-secret", true));
    List<Change> changes = new ArrayList<>();
    for (ManifestObject object : all.reversed()) {
      objects.get(object).ifPresent(live -> changes.add(change(object, live, purge)));
    }
    return List.copyOf(changes);
  }

  /** What was made for other clusters, and in elections. */
  private List<ManifestObject> neighbours() {
    return List.of(
        bare(ObjectKind.LEASE, Leadership.LEASE, true),
        bare(ObjectKind.SERVICE_ACCOUNT, READER, true),
        bare(ObjectKind.CLUSTER_ROLE, READER, false),
        bare(ObjectKind.CLUSTER_ROLE_BINDING, READER, false),
        bare(ObjectKind.ROLE, READER, true),
        bare(ObjectKind.ROLE_BINDING, READER, true),
        bare(ObjectKind.SECRET, READER + "-token", true));
  }

  private ManifestObject bare(ObjectKind kind, String name, boolean namespaced) {
    ObjectNode content = JSON.createObjectNode();
    content.put("apiVersion", kind.apiVersion());
    content.put("kind", kind.kind());
    ObjectNode metadata = content.putObject("metadata").put("name", name);
    if (namespaced) {
      metadata.put("namespace", namespace);
    }
    return new ManifestObject(content, ManifestObject.Kept.APPLIED);
  }

  private static Change change(ManifestObject object, ObjectNode live, boolean purge) {
    Optional<String> kept = kept(object, live, purge);
    return kept.isPresent()
        ? new Change.LeftAlone(object, kept.get())
        : new Change.Delete(object);
  }

  private static Optional<String> kept(ManifestObject object, ObjectNode live, boolean purge) {
    return switch (object.kind()) {
      case CUSTOM_RESOURCE_DEFINITION, NAMESPACE -> {
        if (!ManifestObject.isOurs(live)) {
          yield Optional.of("not made by Selvage");
        }
        yield purge ? Optional.empty() : Optional.of("what is in it would go, too");
      }
      case SECRET ->
          object.name().equals(READER + "-token") || purge
              ? Optional.empty()
              : Optional.of("the CA's key");
      case CONFIG_MAP -> purge ? Optional.empty() : Optional.of("the mesh's configuration");
      default -> Optional.empty();
    };
  }

  /** Does one part of it. */
  public void apply(Change change) {
    if (change instanceof Change.Delete delete) {
      objects.delete(delete.object());
    }
  }

  /** How many Pods have sidecars of ours, by namespace. */
  public Map<String, Integer> sidecars() {
    Map<String, Integer> counted = new TreeMap<>();
    try (Stream<Pod> pods = client.pods().inAnyNamespace().list().getItems().stream()) {
      pods.filter(Removal::isOurs)
          .forEach(pod -> counted.merge(pod.getMetadata().getNamespace(), 1, Integer::sum));
    }
    return counted;
  }

  private static boolean isOurs(Pod pod) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    String status = annotations == null ? null : annotations.get(InjectionPolicy.STATUS);
    try {
      return status != null
          && JSON.readTree(status)
              .path("revision")
              .asString("")
              .equals(InjectionSettings.REVISION);
    } catch (JacksonException e) {
      return false; // some other injector's
    }
  }
}
