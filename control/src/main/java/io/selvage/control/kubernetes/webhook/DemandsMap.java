package io.selvage.control.kubernetes.webhook;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.model.PolicyAssertionsReader;
import java.util.Map;
import java.util.TreeMap;

/**
 * The ConfigMap in which a cluster's users write what must hold of its policies, whatever changes.
 */
public final class DemandsMap {
  /** Its name, in the control plane's namespace. */
  public static final String NAME = PolicyAssertionsReader.MAP;

  private DemandsMap() {}

  /**
   * The texts in it, by name; none when there is no such ConfigMap.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException when the API server doesn't say
   */
  public static Map<String, String> read(KubernetesClient client, String namespace) {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName(NAME).get();
    return map == null || map.getData() == null ? Map.of() : new TreeMap<>(map.getData());
  }
}
