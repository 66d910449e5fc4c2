package io.selvage.control.kubernetes.trust;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.source.ObjectWatch;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Istio's election of the istiod that writes the roots of every namespace, looked at from outside:
 * a record in an annotation of a ConfigMap, renewed while its holder lives. As every candidate of a
 * Kubernetes election does, it believes a record for its own time after it last <em>changed</em>,
 * in the observer's clock; those of others are never compared.
 */
final class IstiodElection implements AutoCloseable {
  /** The ConfigMap, in Istio's root namespace. */
  static final String NAME = "istio-namespace-controller-election";

  private static final String RECORD = "control-plane.alpha.kubernetes.io/leader";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ObjectWatch<ConfigMap> watch;
  private final String namespace;
  private final LongSupplier nanos;
  private String seen = "";
  private long seenAt;

  /**
   * Begins to look.
   *
   * @param nanos a clock that only goes forward
   */
  IstiodElection(KubernetesClient client, String namespace, LongSupplier nanos) {
    this.namespace = namespace;
    this.nanos = nanos;
    this.watch =
        ObjectWatch.start(
            "ConfigMap " + namespace + "/" + NAME,
            client.configMaps().inNamespace(namespace).withName(NAME),
            map -> observe(record(map)));
  }

  private static String record(ConfigMap map) {
    return Optional.ofNullable(map.getMetadata().getAnnotations())
        .orElse(Map.of())
        .getOrDefault(RECORD, "");
  }

  private synchronized void observe(String record) {
    if (!record.equals(seen)) {
      seen = record;
      seenAt = nanos.getAsLong();
    }
  }

  /** Whether it is known how the election stands. */
  boolean isSynced() {
    return watch.isSynced();
  }

  /** Whether an istiod holds it, and thus writes what this control plane would write. */
  boolean isHeld() {
    Optional<ConfigMap> map = watch.get(namespace, NAME);
    if (map.isEmpty()) {
      return false;
    }
    String record = record(map.get());
    observe(record);
    return isHeld(record);
  }

  private synchronized boolean isHeld(String record) {
    try {
      JsonNode read = JSON.readTree(record.isEmpty() ? "{}" : record);
      Duration life = Duration.ofSeconds(read.path("leaseDurationSeconds").asLong(0));
      return !read.path("holderIdentity").asString("").isEmpty()
          && nanos.getAsLong() - seenAt <= life.toNanos();
    } catch (JacksonException e) {
      return false; // no istiod writes such a record
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
