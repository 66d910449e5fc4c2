package io.selvage.control.kubernetes.source;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what the control plane thinks of objects into their {@code status.conditions}, where it
 * isn't there already. Only one replica does so at a time; the others remember, and write when they
 * are the one.
 */
public final class StatusWriter implements KubernetesSource.StatusSink, AutoCloseable {
  private static final long SWEEP = 500;
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);

  private final KubernetesClient client;
  private final BooleanSupplier mayWrite;
  private final InstantSource clock;
  private final Map<String, Judged> waiting = new ConcurrentHashMap<>();
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("selvage-status").factory());

  private record Judged(GenericKubernetesResource object, Verdict verdict) {
    String key() {
      var meta = object.getMetadata();
      return object.getKind() + " " + meta.getNamespace() + "/" + meta.getName();
    }
  }

  /**
   * Begins.
   *
   * @param mayWrite whether this replica is the one that writes
   */
  public StatusWriter(KubernetesClient client, BooleanSupplier mayWrite, InstantSource clock) {
    this.client = client;
    this.mayWrite = mayWrite;
    this.clock = clock;
    var _ = worker.scheduleWithFixedDelay(this::sweep, SWEEP, SWEEP, TimeUnit.MILLISECONDS);
  }

  @Override
  public void judged(GenericKubernetesResource object, Verdict verdict) {
    Judged judged = new Judged(object, verdict);
    if (isWritten(judged)) {
      waiting.remove(judged.key());
      return;
    }
    waiting.put(judged.key(), judged);
    if (mayWrite.getAsBoolean()) {
      try {
        worker.execute(this::sweep);
      } catch (RejectedExecutionException e) {
        LOG.debug("{} was judged after the end", judged.key());
      }
    }
  }

  private void sweep() {
    for (Judged judged : List.copyOf(waiting.values())) {
      if (!mayWrite.getAsBoolean() || Thread.currentThread().isInterrupted()) {
        return;
      }
      try {
        write(judged);
        waiting.remove(judged.key(), judged);
      } catch (KubernetesClientException e) {
        if (e.getCode() == CONFLICT || e.getCode() == NOT_FOUND) {
          // It changed or went meanwhile, of which the watch tells: then it is judged again.
          waiting.remove(judged.key(), judged);
        } else {
          LOG.warn("SLV7222 the status of {} is not written: {}", judged.key(), e.getMessage());
          return; // the next sweep tries again
        }
      } catch (RuntimeException e) {
        LOG.warn("SLV7222 the status of {} is not written", judged.key(), e);
        return;
      }
    }
  }

  private void write(Judged judged) {
    GenericKubernetesResource object = client.getKubernetesSerialization().clone(judged.object());
    Map<String, Object> status = new LinkedHashMap<>(status(object));
    List<Object> conditions = new ArrayList<>();
    conditions(object).stream().filter(condition -> !isOurs(condition)).forEach(conditions::add);
    conditions.add(condition(judged));
    status.put("conditions", conditions);
    object.setAdditionalProperty("status", status);
    client
        .genericKubernetesResources(context(object))
        .inNamespace(object.getMetadata().getNamespace())
        .resource(object)
        .updateStatus();
    LOG.debug("{}: {}", judged.key(), judged.verdict());
  }

  private ResourceDefinitionContext context(GenericKubernetesResource object) {
    String version = object.getApiVersion();
    return WatchedKind.of(object.getKind())
        .orElseThrow()
        .context(version.substring(version.indexOf('/') + 1));
  }

  /** The condition; the time at which it became so stays when only its words change. */
  private Map<String, Object> condition(Judged judged) {
    Map<String, Object> condition = new LinkedHashMap<>();
    String status = judged.verdict().accepted() ? "True" : "False";
    Object since =
        ours(judged.object())
            .filter(before -> status.equals(before.get("status")))
            .map(before -> before.get("lastTransitionTime"))
            .orElseGet(() -> clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    condition.put("type", Verdict.TYPE);
    condition.put("status", status);
    condition.put("reason", judged.verdict().reason());
    condition.put("message", judged.verdict().message());
    condition.put("lastTransitionTime", since);
    condition.put("observedGeneration", judged.object().getMetadata().getGeneration());
    return condition;
  }

  private static boolean isWritten(Judged judged) {
    Verdict verdict = judged.verdict();
    return ours(judged.object())
        .filter(
            is ->
                (verdict.accepted() ? "True" : "False").equals(is.get("status"))
                    && verdict.reason().equals(is.get("reason"))
                    && verdict.message().equals(String.valueOf(is.getOrDefault("message", "")))
                    && String.valueOf(judged.object().getMetadata().getGeneration())
                        .equals(String.valueOf(is.get("observedGeneration"))))
        .isPresent();
  }

  /** Whether a verdict, be it an earlier one, is in an object's status. */
  static boolean isTold(GenericKubernetesResource object) {
    return ours(object).isPresent();
  }

  private static Optional<Map<String, Object>> ours(GenericKubernetesResource object) {
    return conditions(object).stream()
        .filter(StatusWriter::isOurs)
        .map(StatusWriter::fields)
        .findFirst();
  }

  private static boolean isOurs(Object condition) {
    return condition instanceof Map<?, ?> map && Verdict.TYPE.equals(map.get("type"));
  }

  private static List<?> conditions(GenericKubernetesResource object) {
    return status(object).get("conditions") instanceof List<?> list ? list : List.of();
  }

  private static Map<String, Object> status(GenericKubernetesResource object) {
    return fields(object.getAdditionalProperties().get("status"));
  }

  private static Map<String, Object> fields(@Nullable Object object) {
    Map<String, Object> fields = new HashMap<>();
    if (object instanceof Map<?, ?> map) {
      map.forEach((key, value) -> fields.put(String.valueOf(key), value));
    }
    return fields;
  }

  @Override
  public void close() {
    worker.shutdownNow();
    try {
      var _ = worker.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
