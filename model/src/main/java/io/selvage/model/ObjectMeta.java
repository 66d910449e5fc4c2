package io.selvage.model;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The Kubernetes metadata of a resource, as far as a mesh uses it.
 *
 * @param namespace empty for what is not namespaced ({@link Namespace}, {@link MeshConfig})
 * @param creationTimestamp absent for resources from files that don't say; sorts after every known
 *     time where Istio lets the oldest win
 * @param at where the resource begins
 */
public record ObjectMeta(
    String name,
    String namespace,
    Map<String, String> labels,
    Map<String, String> annotations,
    Optional<Instant> creationTimestamp,
    SourceLocation at) {

  public ObjectMeta {
    labels = Frozen.copy(labels);
    annotations = Frozen.copy(annotations);
  }

  /** Metadata with a name and namespace alone: for defaults and tests. */
  public static ObjectMeta of(String namespace, String name) {
    return new ObjectMeta(
        name, namespace, Map.of(), Map.of(), Optional.empty(), SourceLocation.UNKNOWN);
  }

  /** {@code namespace/name}, or {@code name} for what has no namespace. */
  public String qualifiedName() {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }
}
