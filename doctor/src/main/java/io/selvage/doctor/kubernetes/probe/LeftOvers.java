package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.doctor.probe.ProbeLabels;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;

/** What probes left behind when their doctor was killed ({@code doctor --cleanup}). */
public final class LeftOvers {
  private final KubernetesClient client;

  /** In one cluster. */
  public LeftOvers(KubernetesClient client) {
    this.client = client;
  }

  /**
   * Finds and removes those whose time is over; a doctor may still be working in the others.
   *
   * @return the namespaces that go
   * @throws KubernetesClientException when they may not be listed or deleted
   */
  public List<String> removeExpired(Instant now) {
    return client
        .namespaces()
        .withLabels(Map.of(ProbeLabels.OWNER, ProbeLabels.DOCTOR))
        .list()
        .getItems()
        .stream()
        .filter(namespace -> namespace.getMetadata().getDeletionTimestamp() == null)
        .filter(namespace -> isExpired(namespace, now))
        .map(namespace -> namespace.getMetadata().getName())
        .filter(name -> name.startsWith(ProbeLabels.PREFIX))
        .filter(name -> remove(client, name))
        .toList();
  }

  /** What has no time on it that can be read was not made by a doctor as it should be: it goes. */
  private static boolean isExpired(Namespace namespace, Instant now) {
    Map<String, String> annotations = namespace.getMetadata().getAnnotations();
    String expires = annotations == null ? null : annotations.get(ProbeLabels.EXPIRES);
    try {
      return expires == null || !Instant.parse(expires).isAfter(now);
    } catch (DateTimeParseException e) {
      return true;
    }
  }

  /**
   * Removes a private namespace.
   *
   * @return whether the order was taken, or there is nothing to remove
   */
  static boolean remove(KubernetesClient client, String name) {
    try {
      client.pods().inNamespace(name).withGracePeriod(0).delete();
      client.namespaces().withName(name).delete();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return true;
      }
      throw e;
    }
  }
}
