package io.selvage.control.kubernetes.event;

import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a cluster's users what was done to their objects, as {@code events.k8s.io/v1} Events, which
 * {@code kubectl events} and {@code kubectl describe} show. The same thing again within six minutes
 * makes the event a series and not another one. Nobody waits for an event, and none that can't be
 * written keeps anything else from its work.
 */
public final class ClusterEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterEvents.class);

  private static final String CONTROLLER = "selvage.io/control";
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final Duration FLUSH = Duration.ofMillis(200);
  private static final Duration SERIES_ENDS = Duration.ofMinutes(6);
  private static final int LONGEST_NOTE = 1024;
  private static final int MOST = 500;

  private final KubernetesClient client;
  private final String instance;
  private final InstantSource clock;
  private final LinkedHashMap<What, Series> told = new LinkedHashMap<>();
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-events").factory());

  /** An event but for its time. */
  private record What(
      Regarding regarding, boolean isWarning, String reason, String action, String note) {}

  /** How often it was told, and how much of that is written. */
  private static final class Series {
    private final String name;
    private final Instant first;
    private Instant last;
    private int count = 1;
    private int written;

    Series(String name, Instant first) {
      this.name = name;
      this.first = first;
      this.last = first;
    }
  }

  /**
   * Begins.
   *
   * @param instance which replica tells it
   */
  public ClusterEvents(KubernetesClient client, String instance, InstantSource clock) {
    this.client = client;
    this.instance = instance;
    this.clock = clock;
    var _ =
        worker.scheduleWithFixedDelay(
            this::flush, FLUSH.toMillis(), FLUSH.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Something went as it should.
   *
   * @param reason in one word, such as {@code CABundleSet}
   * @param action what was done, in one word
   * @param note for people, without times, so that the same thing reads the same
   */
  public void normal(Regarding regarding, String reason, String action, String note) {
    tell(new What(regarding, false, reason, action, shortened(note)));
  }

  /** Something went as it should not; parameters as those of {@link #normal}. */
  public void warning(Regarding regarding, String reason, String action, String note) {
    tell(new What(regarding, true, reason, action, shortened(note)));
  }

  private static String shortened(String note) {
    return note.length() <= LONGEST_NOTE ? note : note.substring(0, LONGEST_NOTE - 1) + "…";
  }

  private void tell(What what) {
    Instant now = clock.instant();
    synchronized (told) {
      Series series = told.get(what);
      if (series == null || series.last.plus(SERIES_ENDS).isBefore(now)) {
        told.putLast(what, new Series(name(what, now), now));
      } else {
        series.count++;
        series.last = now;
      }
      while (told.size() > MOST) {
        told.pollFirstEntry();
      }
    }
  }

  /** As clients name events: the object, and what makes it another one each time. */
  private static String name(What what, Instant at) {
    String object = what.regarding().name();
    return "%s.%x%08x"
        .formatted(
            object.length() > 200 ? object.substring(0, 200) : object,
            at.getEpochSecond() * 1_000_000_000L + at.getNano(),
            what.hashCode());
  }

  private void flush() {
    List<Map.Entry<What, Series>> due;
    synchronized (told) {
      due =
          told.entrySet().stream()
              .filter(entry -> entry.getValue().written < entry.getValue().count)
              .map(Map.Entry::copyOf)
              .toList();
    }
    for (Map.Entry<What, Series> entry : due) {
      try {
        write(entry.getKey(), entry.getValue());
      } catch (KubernetesClientException e) {
        LOG.debug("SLV7233 an event is not written: {}", e.getMessage());
        forget(entry.getKey(), e);
      } catch (RuntimeException e) {
        LOG.warn("SLV7233 an event is not written", e);
        forget(entry.getKey(), new KubernetesClientException("", e));
      }
    }
  }

  private void write(What what, Series series) {
    int count;
    String last;
    boolean isNew;
    synchronized (told) {
      count = series.count;
      last = MICROS.format(series.last);
      isNew = series.written == 0;
    }
    var events = client.events().v1().events().inNamespace(what.regarding().home());
    if (isNew) {
      events.resource(event(what, series)).create();
      count = 1; // a series is of what comes after the first
    } else {
      events
          .withName(series.name)
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              "{\"series\": {\"count\": %d, \"lastObservedTime\": \"%s\"}}".formatted(count, last));
    }
    synchronized (told) {
      series.written = count;
    }
  }

  private Event event(What what, Series series) {
    return new EventBuilder()
        .withNewMetadata()
        .withName(series.name)
        .withNamespace(what.regarding().home())
        .endMetadata()
        .withEventTime(new MicroTime(MICROS.format(series.first)))
        .withType(what.isWarning() ? "Warning" : "Normal")
        .withReason(what.reason())
        .withAction(what.action())
        .withNote(what.note())
        .withRegarding(what.regarding().reference())
        .withReportingController(CONTROLLER)
        .withReportingInstance(instance.length() > 128 ? instance.substring(0, 128) : instance)
        .build();
  }

  /**
   * What the API server refuses is told no more; a series that it doesn't know begins anew; what it
   * can't be told now is tried again.
   */
  private void forget(What what, KubernetesClientException why) {
    boolean isUnwanted = why.getCode() >= 400 && why.getCode() < 500 && why.getCode() != 429;
    if (!isUnwanted) {
      return;
    }
    synchronized (told) {
      told.remove(what);
    }
    if (why.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
      LOG.warn(
          "SLV7233 the event {} of {} {} is not written: {}",
          what.reason(),
          what.regarding().kind(),
          what.regarding().name(),
          why.getMessage());
    }
  }

  /** Events that wait are written, for as long as two seconds. */
  @Override
  public void close() {
    worker.execute(this::flush);
    worker.shutdown();
    try {
      if (!worker.awaitTermination(2, TimeUnit.SECONDS)) {
        worker.shutdownNow();
      }
    } catch (InterruptedException e) {
      worker.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
