package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a watch keeps of its objects: a cluster's Pods are large, and little of one matters to a
 * mesh. They are put together again when somebody asks.
 *
 * @param <T> the kind
 * @param <K> what is kept
 */
final class KeptObjects<T extends HasMetadata, K> implements ItemStore<T> {
  private final Map<String, K> byKey = new ConcurrentHashMap<>();
  private final Function<T, K> keep;
  private final Function<K, T> restore;

  /**
   * An empty store.
   *
   * @param keep makes of an object what is worth to be kept of it; may change the object
   * @param restore makes an object of it again, with name, namespace and resourceVersion at least
   */
  KeptObjects(Function<T, K> keep, Function<K, T> restore) {
    this.keep = keep;
    this.restore = restore;
  }

  private @Nullable T restored(@Nullable K kept) {
    return kept == null ? null : restore.apply(kept);
  }

  @Override
  public String getKey(T object) {
    return Cache.metaNamespaceKeyFunc(object);
  }

  @Override
  public @Nullable T put(String key, T object) {
    return restored(byKey.put(key, keep.apply(object)));
  }

  @Override
  public @Nullable T remove(String key) {
    return restored(byKey.remove(key));
  }

  @Override
  public Stream<String> keySet() {
    return byKey.keySet().stream();
  }

  @Override
  public Stream<T> values() {
    return byKey.values().stream().map(restore);
  }

  @Override
  public int size() {
    return byKey.size();
  }

  @Override
  public @Nullable T get(String key) {
    return restored(byKey.get(key));
  }
}
