package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.model.MeshConfig;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The mesh's settings in the ConfigMap {@code istio} of the control plane's namespace. */
public final class MeshSettingsMap {
  private static final String NAME = "istio";

  private MeshSettingsMap() {}

  /**
   * What has to be known before anything is signed; the source follows it from then on.
   *
   * @return the defaults where there is no such ConfigMap
   * @throws IOException when the reader refuses it
   */
  public static MeshConfig read(KubernetesClient client, String namespace) throws IOException {
    return find(client, namespace).orElse(MeshConfig.defaults(namespace));
  }

  /**
   * The same where a missing ConfigMap is not as good as the defaults.
   *
   * @return empty where there is none
   * @throws IOException when the reader refuses it
   */
  public static Optional<MeshConfig> find(KubernetesClient client, String namespace)
      throws IOException {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(NAME).get();
    if (map == null) {
      return Optional.empty();
    }
    map.setApiVersion("v1");
    map.setKind("ConfigMap");
    String json = client.getKubernetesSerialization().asJson(map);
    ReadResult read = ResourceReader.readObject("ConfigMap " + namespace + "/" + NAME, json);
    if (!read.refused().isEmpty()) {
      throw new IOException(read.problems().getFirst().toString());
    }
    return Optional.of(
        read.resources().stream()
            .filter(MeshConfig.class::isInstance)
            .map(MeshConfig.class::cast)
            .findFirst()
            .orElse(MeshConfig.defaults(namespace)));
  }

  /**
   * The ConfigMaps {@code istio-REVISION}, by which Istio's revisions have settings of their own;
   * none where there is an {@code istio}, or where they may not be listed.
   */
  public static List<ConfigMap> ofRevisions(KubernetesClient client, String namespace) {
    List<ConfigMap> all =
        Forbidden.or(() -> client.configMaps().inNamespace(namespace).list().getItems(), List.of());
    return all.stream().anyMatch(map -> map.getMetadata().getName().equals(NAME))
        ? List.of()
        : all.stream().filter(MeshSettingsMap::isOfRevision).toList();
  }

  private static boolean isOfRevision(ConfigMap map) {
    return map.getMetadata().getName().startsWith(NAME + "-")
        && map.getData() != null
        && map.getData().containsKey("mesh");
  }
}
