package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Optional;

/** In which version an API server serves a kind, by its discovery. */
public final class ServedVersions {
  private static final int NOT_FOUND = 404;

  private ServedVersions() {}

  /**
   * The best version that is served and understood; empty when there is none.
   *
   * @throws KubernetesClientException when the API server doesn't say
   */
  static Optional<String> of(KubernetesClient client, WatchedKind kind) {
    return of(client, kind.group(), kind.plural(), kind.versions());
  }

  /**
   * The first of {@code versions} in which a resource is served; empty when there is none.
   *
   * @param group empty for Kubernetes' core
   * @throws KubernetesClientException when the API server doesn't say
   */
  public static Optional<String> of(
      KubernetesClient client, String group, String plural, List<String> versions) {
    return versions.stream().filter(one -> serves(client, group, plural, one)).findFirst();
  }

  private static boolean serves(
      KubernetesClient client, String group, String plural, String version) {
    String path = group.isEmpty() ? "/api/" : "/apis/" + group + "/";
    try {
      String answer = client.raw(path + version, "GET", null);
      return client
          .getKubernetesSerialization()
          .unmarshal(answer, APIResourceList.class)
          .getResources()
          .stream()
          .map(APIResource::getName)
          .anyMatch(plural::equals);
    } catch (KubernetesClientException e) {
      if (e.getCode() == NOT_FOUND) {
        return false; // no such group or version
      }
      throw e;
    }
  }
}
