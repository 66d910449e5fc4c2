package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one kind as the API server last told them: listed, then watched, for as long as it
 * takes. A lost watch is taken up where it was, a history that was compacted meanwhile (410) is
 * listed anew, and no failure ends it.
 */
public final class ObjectWatch<T extends HasMetadata> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectWatch.class);

  /** Objects of one answer: a list of a large cluster is many megabytes. */
  private static final long PAGE = 500;

  private final String what;
  private final SharedIndexInformer<T> informer;
  private volatile @Nullable String failure;

  private ObjectWatch(String what, SharedIndexInformer<T> informer) {
    this.what = what;
    this.informer = informer;
  }

  /**
   * Begins.
   *
   * @param what in messages, such as a kind
   * @param touched is told of each object that came, changed or went, on a thread of the client:
   *     {@link #get} says how it is now
   */
  public static <T extends HasMetadata> ObjectWatch<T> start(
      String what, Informable<T> objects, Consumer<T> touched) {
    return start(what, objects, new KeptObjects<>(one -> one, one -> one), touched);
  }

  /**
   * Begins.
   *
   * @param kept where they are kept, empty
   */
  static <T extends HasMetadata> ObjectWatch<T> start(
      String what, Informable<T> objects, ItemStore<T> kept, Consumer<T> touched) {
    SharedIndexInformer<T> informer =
        objects.withLimit(PAGE).runnableInformer(0).removeNamespaceIndex().itemStore(kept);
    ObjectWatch<T> watch = new ObjectWatch<>(what, informer);
    informer.addEventHandler(new Touches<>(touched));
    informer.exceptionHandler(
        (started, failure) -> {
          watch.failed(failure);
          return true;
        });
    var _ = informer.start();
    return watch;
  }

  private record Touches<T>(Consumer<T> touched) implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      touched.accept(object);
    }

    @Override
    public void onUpdate(T before, T object) {
      touched.accept(object);
    }

    @Override
    public void onDelete(T object, boolean unknownSince) {
      touched.accept(object);
    }
  }

  private void failed(Throwable cause) {
    String words = String.valueOf(cause.getMessage());
    if (!words.equals(failure)) {
      LOG.debug("{} cannot be watched for now: {}", what, words);
    }
    failure = words;
  }

  /** Whether all objects that were there at the beginning are known. */
  public boolean isSynced() {
    return informer.hasSynced();
  }

  /** Why nothing would be heard if something changed now; empty when it would. */
  public Optional<String> trouble() {
    if (informer.isWatching()) {
      failure = null;
      return Optional.empty();
    }
    String last = failure;
    return Optional.of(last == null ? "the watch is not open" : last);
  }

  /** What is watched. */
  public String what() {
    return what;
  }

  /** All objects. */
  public List<T> all() {
    return informer.getStore().list();
  }

  /** An object as it is now; {@code namespace} is empty for kinds without. */
  public Optional<T> get(String namespace, String name) {
    String key = namespace.isEmpty() ? name : namespace + "/" + name;
    return Optional.ofNullable(informer.getStore().getByKey(key));
  }

  @Override
  public void close() {
    informer.stop();
  }
}
