package io.selvage.control.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.model.MeshConfig;
import io.selvage.model.ReadResult;
import io.selvage.model.ResourceReader;
import java.io.IOException;

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
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(NAME).get();
    if (map == null) {
      return MeshConfig.DEFAULTS;
    }
    map.setApiVersion("v1");
    map.setKind("ConfigMap");
    String json = client.getKubernetesSerialization().asJson(map);
    ReadResult read = ResourceReader.readObject("ConfigMap " + namespace + "/" + NAME, json);
    if (!read.refused().isEmpty()) {
      throw new IOException(read.problems().getFirst().toString());
    }
    return read.resources().stream()
        .filter(MeshConfig.class::isInstance)
        .map(MeshConfig.class::cast)
        .findFirst()
        .orElse(MeshConfig.DEFAULTS);
  }
}
