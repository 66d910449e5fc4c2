package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Waits for a Deployment to be as its spec says, all replicas of the newest kind and ready, and
 * says what it waits for: the Pod's state, its last warning, what the control plane in it says.
 */
public final class Rollout {
  private static final Duration STEP = Duration.ofMillis(500);
  private static final int LOG_LINES = 40;
  private static final String NOT_READY = "not ready, waiting for ";

  /** Log lines begin with their time; what does not goes on with the line before. */
  private static final Pattern NEXT_ENTRY = Pattern.compile("\\R(?=[0-9]{4}-[0-9]{2}-[0-9]{2}T)");

  private final KubernetesClient client;
  private final String namespace;
  private final String name;

  /** Of one Deployment. */
  public Rollout(KubernetesClient client, String namespace, String name) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  /**
   * Waits.
   *
   * @param progress is told what is waited for, each time that it changes
   * @return what it still waited for at the end of {@code limit}; empty when it is done
   */
  public Optional<String> await(Duration limit, Consumer<String> progress)
      throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    String told = "";
    while (true) {
      Optional<String> missing = missing();
      if (missing.isEmpty() || System.nanoTime() >= end) {
        return missing;
      }
      if (!missing.get().equals(told)) {
        told = missing.get();
        progress.accept(told);
      }
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
    }
  }

  /** What is missing now, in words; empty when nothing is. */
  public Optional<String> missing() {
    try {
      Deployment deployment =
          client.apps().deployments().inNamespace(namespace).withName(name).get();
      return deployment == null
          ? Optional.of("there is no Deployment %s/%s".formatted(namespace, name))
          : missing(deployment);
    } catch (KubernetesClientException e) {
      return Optional.of("the API server: " + Planner.words(e));
    }
  }

  private Optional<String> missing(Deployment deployment) {
    int wanted = deployment.getSpec().getReplicas();
    DeploymentStatus status = deployment.getStatus();
    int fresh = status == null ? 0 : number(status.getUpdatedReplicas());
    int available = status == null ? 0 : number(status.getAvailableReplicas());
    int all = status == null ? 0 : number(status.getReplicas());
    boolean seen =
        status != null
            && status.getObservedGeneration() != null
            && status.getObservedGeneration() >= deployment.getMetadata().getGeneration();
    if (seen && fresh == wanted && available == wanted && all == wanted) {
      return Optional.empty();
    }
    String counts =
        "Deployment %s/%s: %d of %d replicas ready, %d of this version"
            .formatted(namespace, name, available, wanted, fresh);
    Optional<String> why =
        seen ? reason(deployment) : Optional.of("no controller has looked at it yet");
    return Optional.of(counts + why.map("\n"::concat).orElse(""));
  }

  private static int number(Integer value) {
    return Objects.requireNonNullElse(value, 0);
  }

  /** Why, from the newest Pod that isn't ready; if there is none, why there is none. */
  private Optional<String> reason(Deployment deployment) {
    List<Pod> waiting =
        client
            .pods()
            .inNamespace(namespace)
            .withLabels(deployment.getSpec().getSelector().getMatchLabels())
            .list()
            .getItems()
            .stream()
            .filter(pod -> !isReady(pod))
            .sorted(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()))
            .toList();
    return waiting.isEmpty() ? failure(deployment) : Optional.of(reason(waiting.getLast()));
  }

  private static Optional<String> failure(Deployment deployment) {
    return deployment.getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals("ReplicaFailure"))
        .map(condition -> condition.getReason() + ": " + condition.getMessage())
        .findFirst();
  }

  static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(
                condition ->
                    condition.getType().equals("Ready") && condition.getStatus().equals("True"));
  }

  private String reason(Pod pod) {
    String pods = "Pod " + pod.getMetadata().getName() + ": ";
    return Stream.<Optional<String>>of(
            waitingContainer(pod), said(pod), warning(pod), Optional.of(phase(pod)))
        .flatMap(Optional::stream)
        .findFirst()
        .map(pods::concat)
        .orElseThrow();
  }

  /** Such as {@code ImagePullBackOff: Back-off pulling image "…"}. */
  private static Optional<String> waitingContainer(Pod pod) {
    return pod.getStatus().getContainerStatuses().stream()
        .flatMap(status -> waiting(status).stream())
        .findFirst();
  }

  private static Optional<String> waiting(ContainerStatus status) {
    if (status.getState() == null || status.getState().getWaiting() == null) {
      return Optional.empty();
    }
    ContainerStateWaiting waiting = status.getState().getWaiting();
    return waiting.getMessage() == null
        ? Optional.empty() // ContainerCreating, PodInitializing: the events say more
        : Optional.of(waiting.getReason() + ": " + waiting.getMessage());
  }

  /** What the control plane in it waits for, such as a permission; its log has it. */
  private Optional<String> said(Pod pod) {
    if (pod.getStatus().getContainerStatuses().stream()
        .noneMatch(status -> Boolean.TRUE.equals(status.getStarted()))) {
      return Optional.empty();
    }
    try {
      String log =
          client
              .pods()
              .inNamespace(namespace)
              .withName(pod.getMetadata().getName())
              .tailingLines(LOG_LINES)
              .getLog();
      return lastSaid(log);
    } catch (KubernetesClientException e) {
      return Optional.empty(); // no permission to read logs, or no log yet: the events say more
    }
  }

  /** The latest of what it waits for, which may have several lines. */
  static Optional<String> lastSaid(String log) {
    int at = log.lastIndexOf(NOT_READY);
    return at < 0
        ? Optional.empty()
        : Optional.of(NEXT_ENTRY.split(log.substring(at), 2)[0].strip());
  }

  private Optional<String> warning(Pod pod) {
    return client
        .v1()
        .events()
        .inNamespace(namespace)
        .withField("involvedObject.uid", pod.getMetadata().getUid())
        .list()
        .getItems()
        .stream()
        .filter(event -> "Warning".equals(event.getType()))
        .filter(event -> !"Unhealthy".equals(event.getReason())) // that it isn't ready is known
        .max(Comparator.comparing(Rollout::time))
        .map(event -> event.getReason() + ": " + event.getMessage());
  }

  private static String time(Event event) {
    return Objects.requireNonNullElse(
        event.getLastTimestamp(), event.getMetadata().getCreationTimestamp());
  }

  private static String phase(Pod pod) {
    return pod.getStatus().getPhase();
  }
}
