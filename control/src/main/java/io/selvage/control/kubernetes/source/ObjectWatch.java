package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of one kind as the API server last told them: listed, then watched, for as long as it
 * takes. A history that was compacted meanwhile (410) is listed anew, and no failure ends it.
 *
 * <p>A watch that was lost goes on where it was, which is right unless the API server's store was
 * put back to an earlier state: then it waits for versions that are long to come, and is told of
 * nothing. So each loss is followed by a second look at everything, and what was known stays known
 * until that is whole. One that does not come back by itself is not waited for: the client may wait
 * minutes for the end of a connection that nobody ends.
 */
public final class ObjectWatch<T extends HasMetadata> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ObjectWatch.class);
  private static final long LOOK = 300;

  /** Looks for which a lost watch may come back by itself: 5 s at first, a minute at last. */
  private static final int FIRST_PATIENCE = 17;

  private static final int LAST_PATIENCE = 200;

  /** Objects of one answer: a list of a large cluster is many megabytes. */
  private static final long PAGE = 500;

  private static final ScheduledExecutorService LOOKS =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-watches").factory());

  private final String what;
  private final Supplier<SharedIndexInformer<T>> informers;
  private final Consumer<T> touched;
  private volatile Reading<T> current;
  private volatile @Nullable String failure;

  /** The second look that is under way; guarded by this, as what follows. */
  private @Nullable SharedIndexInformer<T> anew;

  private boolean begun;
  private boolean lost;
  private int looksLost;
  private int patience = FIRST_PATIENCE;
  private boolean closed;
  private @Nullable ScheduledFuture<?> looks;

  private ObjectWatch(
      String what, Supplier<SharedIndexInformer<T>> informers, Consumer<T> touched) {
    this.what = what;
    this.informers = informers;
    this.touched = touched;
    this.current = new Reading<>(informers.get(), 0);
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
    return start(what, objects, () -> new KeptObjects<>(one -> one), touched);
  }

  /**
   * Begins.
   *
   * @param kept makes what they are kept in, empty
   */
  static <T extends HasMetadata> ObjectWatch<T> start(
      String what, Informable<T> objects, Supplier<ItemStore<T>> kept, Consumer<T> touched) {
    Informable<T> paged = objects.withLimit(PAGE);
    ObjectWatch<T> watch =
        new ObjectWatch<>(
            what,
            () -> paged.runnableInformer(0).removeNamespaceIndex().itemStore(kept.get()),
            touched);
    watch.begin();
    return watch;
  }

  /** One look at everything, and what follows of it. */
  private record Reading<T>(SharedIndexInformer<T> informer, int number) {}

  /**
   * An object of one look at everything.
   *
   * @param reading which: after another look, an equal version may be another object, since a store
   *     that was put back gives its versions a second time
   */
  record Seen<T>(T object, int reading) {}

  private synchronized void begin() {
    var _ = begin(current.informer()).thenRun(this::hasBegun);
    looks = LOOKS.scheduleWithFixedDelay(this::look, LOOK, LOOK, TimeUnit.MILLISECONDS);
  }

  private CompletionStage<Void> begin(SharedIndexInformer<T> one) {
    one.addEventHandler(new Touches<>(touched));
    one.exceptionHandler(
        (started, cause) -> {
          failed(cause);
          return true;
        });
    return one.start();
  }

  private synchronized void hasBegun() {
    begun = true;
  }

  private synchronized void look() {
    if (closed || !begun) {
      return;
    }
    if (!current.informer().isWatching()) {
      lost = true;
      if (++looksLost >= patience) {
        looksLost = 0;
        patience = Math.min(2 * patience, LAST_PATIENCE);
        readAnew();
      }
      return;
    }
    looksLost = 0;
    patience = FIRST_PATIENCE;
    if (lost) {
      lost = false;
      readAnew();
    }
  }

  private synchronized void readAnew() {
    SharedIndexInformer<T> before = anew;
    if (before != null) {
      before.stop();
    }
    LOG.debug("{} is read anew, since its watch was lost", what);
    SharedIndexInformer<T> fresh = informers.get();
    anew = fresh;
    var _ = begin(fresh).thenRun(() -> isRead(fresh));
  }

  /** What was read takes the place of what was known; each object of either is looked at. */
  private void isRead(SharedIndexInformer<T> fresh) {
    SharedIndexInformer<T> old;
    synchronized (this) {
      if (!fresh.equals(anew) || closed) {
        return; // another look has begun
      }
      anew = null;
      lost = false;
      old = current.informer();
      current = new Reading<>(fresh, current.number() + 1);
    }
    old.stop();
    old.getStore().list().forEach(touched);
    fresh.getStore().list().forEach(touched);
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
    return current.informer().hasSynced();
  }

  /** Why nothing would be heard if something changed now; empty when it would. */
  public Optional<String> trouble() {
    if (current.informer().isWatching()) {
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
    return current.informer().getStore().list();
  }

  /** An object as it is now; {@code namespace} is empty for kinds without. */
  public Optional<T> get(String namespace, String name) {
    return seen(namespace, name).map(Seen::object);
  }

  /** The same, with the look that it is of. */
  Optional<Seen<T>> seen(String namespace, String name) {
    Reading<T> reading = current;
    String key = namespace.isEmpty() ? name : namespace + "/" + name;
    return Optional.ofNullable(reading.informer().getStore().getByKey(key))
        .map(object -> new Seen<>(object, reading.number()));
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (looks != null) {
      looks.cancel(false);
    }
    if (anew != null) {
      anew.stop();
    }
    current.informer().stop();
  }
}
