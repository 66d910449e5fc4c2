package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An object as the tree of its JSON, with every field that the strict reader judges, also those
 * that nobody here knows. Of the metadata, what only an API server fills in is left out. The status
 * is there: which of it counts, as a load balancer's addresses do, is the reader's to know.
 */
final class ObjectTrees {
  private ObjectTrees() {}

  static Map<String, Object> of(GenericKubernetesResource object) {
    Map<String, Object> tree = new LinkedHashMap<>();
    put(tree, "apiVersion", object.getApiVersion());
    put(tree, "kind", object.getKind());
    if (object.getMetadata() != null) {
      tree.put("metadata", metadata(object.getMetadata()));
    }
    tree.putAll(object.getAdditionalProperties());
    return tree;
  }

  private static Map<String, Object> metadata(ObjectMeta meta) {
    Map<String, Object> tree = new LinkedHashMap<>();
    put(tree, "name", meta.getName());
    put(tree, "namespace", meta.getNamespace());
    put(tree, "labels", meta.getLabels());
    put(tree, "annotations", meta.getAnnotations());
    put(tree, "creationTimestamp", meta.getCreationTimestamp());
    tree.putAll(meta.getAdditionalProperties());
    return tree;
  }

  private static void put(Map<String, Object> tree, String name, @Nullable Object value) {
    if (value != null) {
      tree.put(name, value);
    }
  }
}
