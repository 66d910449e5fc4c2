package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.inject.InjectionPolicy;
import io.selvage.control.kubernetes.inject.InjectionSettings;
import io.selvage.control.kubernetes.lease.Leadership;
import io.selvage.control.kubernetes.remote.RemoteClusters;
import io.selvage.control.kubernetes.trust.ClusterTrustBundles;
import io.selvage.control.kubernetes.trust.RootCertificateMaps;
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
  private static final String READER_TOKEN = READER + "-token";
  private static final String CA_KEY = "istio-ca-secret";

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
    InstallSettings settings =
        InstallSettings.DEFAULTS.with("replicas", "2").with("network", "any");
    Manifest fullest = Manifest.of(namespace, "any", settings, true);
    List<ManifestObject> all = new ArrayList<>(fullest.objects());
    all.addAll(EastWestGateway.objects(fullest));
    all.addAll(1, neighbours()); // behind the namespace, so that they go shortly before it
    all.addAll(1, purge ? roots() : List.of());
    all.add(1, bare(ObjectKind.SECRET, CA_KEY, namespace));
    kubeconfigs().forEach(name -> all.add(1, bare(ObjectKind.SECRET, name, namespace)));
    List<Change> changes = new ArrayList<>();
    for (ManifestObject object : all.reversed()) {
      objects.get(object).ifPresent(live -> changes.add(change(object, live, purge)));
    }
    return List.copyOf(changes);
  }

  /** Another namespace in which the cluster's Selvage is; its roles and webhooks are its own. */
  public Optional<String> elsewhere() {
    return Surroundings.asked(client).filter(where -> !where.equals(namespace));
  }

  /** The Secrets that name other clusters; those of an Istio that stays are its own. */
  public List<String> kubeconfigs() {
    if (!Surroundings.of(client, namespace).istiods().isEmpty()) {
      return List.of();
    }
    return RemoteClusters.secrets(client, namespace).stream()
        .map(secret -> secret.getMetadata().getName())
        .sorted()
        .toList();
  }

  /** What the control plane told every namespace to trust; an Istio's is left. */
  private List<ManifestObject> roots() {
    List<ManifestObject> found = new ArrayList<>();
    found.add(bare(ObjectKind.CLUSTER_TRUST_BUNDLE, ClusterTrustBundles.NAME, ""));
    if (Surroundings.of(client, namespace).istiods().isEmpty()) {
      client
          .configMaps()
          .inAnyNamespace()
          .withField("metadata.name", RootCertificateMaps.NAME)
          .list()
          .getItems()
          .forEach(
              map ->
                  found.add(
                      bare(
                          ObjectKind.CONFIG_MAP,
                          RootCertificateMaps.NAME,
                          map.getMetadata().getNamespace())));
    }
    return found;
  }

  /** What was made for other clusters, and in elections. */
  private List<ManifestObject> neighbours() {
    return List.of(
        bare(ObjectKind.LEASE, Leadership.LEASE, namespace),
        bare(ObjectKind.SERVICE_ACCOUNT, READER, namespace),
        bare(ObjectKind.CLUSTER_ROLE, READER, ""),
        bare(ObjectKind.CLUSTER_ROLE_BINDING, READER, ""),
        bare(ObjectKind.ROLE, READER, namespace),
        bare(ObjectKind.ROLE_BINDING, READER, namespace),
        bare(ObjectKind.SECRET, READER_TOKEN, namespace));
  }

  private static ManifestObject bare(ObjectKind kind, String name, String where) {
    ObjectNode content = JSON.createObjectNode();
    content.put("apiVersion", kind.apiVersion());
    content.put("kind", kind.kind());
    ObjectNode metadata = content.putObject("metadata").put("name", name);
    if (!where.isEmpty()) {
      metadata.put("namespace", where);
    }
    return new ManifestObject(content, ManifestObject.Kept.APPLIED);
  }

  private static Change change(ManifestObject object, ObjectNode live, boolean purge) {
    Optional<String> kept = kept(object, live, purge);
    return kept.isPresent() ? new Change.LeftAlone(object, kept.get()) : new Change.Delete(object);
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
          object.name().equals(READER_TOKEN) || purge
              ? Optional.empty()
              : Optional.of(
                  object.name().equals(CA_KEY)
                      ? "the CA's key"
                      : "with it, another cluster can be read");
      case GATEWAY, DEPLOYMENT, SERVICE, SERVICE_ACCOUNT ->
          ManifestObject.isOurs(live) || object.name().equals(READER)
              ? Optional.empty()
              : Optional.of("not made by Selvage"); // an Istio has a gateway of that name, too
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
          && JSON.readTree(status).path("revision").asString("").equals(InjectionSettings.REVISION);
    } catch (JacksonException e) {
      return false; // some other injector's
    }
  }
}
