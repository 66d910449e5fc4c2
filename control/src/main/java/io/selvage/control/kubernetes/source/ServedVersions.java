package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;

/** In which version an API server serves a kind, by its discovery. */
final class ServedVersions {
  private static final int NOT_FOUND = 404;

  private ServedVersions() {}

  /**
   * The best version that is served and understood; empty when there is none.
   *
   * @throws KubernetesClientException when the API server doesn't say
   */
  static Optional<String> of(KubernetesClient client, WatchedKind kind) {
    return kind.versions().stream().filter(version -> serves(client, kind, version)).findFirst();
  }

  private static boolean serves(KubernetesClient client, WatchedKind kind, String version) {
    String path = kind.group().isEmpty() ? "/api/" : "/apis/" + kind.group() + "/";
    try {
      String answer = client.raw(path + version, "GET", null);
      return client
          .getKubernetesSerialization()
          .unmarshal(answer, APIResourceList.class)
          .getResources()
          .stream()
          .map(APIResource::getName)
          .anyMatch(kind.plural()::equals);
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND) {
        return false; // no such group or version
      }
      throw e;
    }
  }
}
