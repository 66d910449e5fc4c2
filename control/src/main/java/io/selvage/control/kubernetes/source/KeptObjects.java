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
 * What a watch keeps of its objects.
 *
 * @param <T> the kind
 */
final class KeptObjects<T extends HasMetadata> implements ItemStore<T> {
  private final Map<String, T> byKey = new ConcurrentHashMap<>();
  private final UnaryOperator<T> keep;

  /**
   * An empty store.
   *
   * @param keep makes of an object what is worth to be kept of it; may change the object
   */
  KeptObjects(UnaryOperator<T> keep) {
    this.keep = keep;
  }

  @Override
  public String getKey(T object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public @Nullable T put(String key, T object) {
    return byKey.put(key, keep.apply(object));
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
