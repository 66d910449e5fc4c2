package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a watch keeps of its objects: a cluster's Pods are large, and little of one matters to a
 * mesh.
 *
 * @param <T> the kind
 */
final class KeptObjects<T extends HasMetadata> implements ItemStore<T> {
  private final Map<String, T> byKey = new ConcurrentHashMap<>();
  private final UnaryOperator<T> kept;

  /**
   * An empty store.
   *
   * @param kept makes of an object what is worth to be kept of it; may change it
   */
  KeptObjects(UnaryOperator<T> kept) {
    this.kept = kept;
  }

  @Override
  public String getKey(T object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public @Nullable T put(String key, T object) {
    return byKey.put(key, kept.apply(object));
  }

  @Override
  public @Nullable T remove(String key) {
    return byKey.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return byKey.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return byKey.values().stream();
  }

  @Override
  public int size() {
    return byKey.size();
  }

  @Override
  public @Nullable T get(String key) {
    return byKey.get(key);
  }
}
