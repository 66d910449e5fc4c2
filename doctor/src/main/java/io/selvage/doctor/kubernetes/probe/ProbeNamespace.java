package io.selvage.doctor.kubernetes.probe;

import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.selvage.doctor.probe.PrivateNamespace;
import io.selvage.doctor.probe.ProbeFailed;
import io.selvage.doctor.probe.ProbeLabels;
import io.selvage.doctor.probe.Ran;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The namespace that probes are sent from: {@code outside}, a Pod without a proxy, {@code caller},
 * one with, and {@code echo}, a server with one. It is removed when it is closed and when this
 * process is told to end; when it is killed, its Pods end by their deadline, and {@link LeftOvers}
 * finds the rest.
 */
final class ProbeNamespace implements PrivateNamespace, AutoCloseable {
  /** Who calls without. */
  static final String OUTSIDE = "outside";

  private static final String CONTAINER = "probe";
  private static final long USER = 65_534;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration STEP = Duration.ofMillis(200);
  private static final Duration END = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final String name;
  private final Map<String, String> labels;
  private final Duration life;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final Thread atExit = new Thread(this::end, "end of probes");

  private ProbeNamespace(KubernetesClient client, String id, Duration life) {
    this.client = client;
    this.name = ProbeLabels.PREFIX + id;
    this.labels = Map.of(ProbeLabels.OWNER, ProbeLabels.DOCTOR, ProbeLabels.PROBE, id);
    this.life = life;
  }

  /**
   * Makes it, without Pods.
   *
   * @param id of this run, lower-case letters and digits
   * @param known labels without which the mesh passes it over
   */
  static ProbeNamespace make(
      KubernetesClient client, String id, Instant now, Duration life, Map<String, String> known)
      throws ProbeFailed {
    var made = new ProbeNamespace(client, id, life);
    Runtime.getRuntime().addShutdownHook(made.atExit);
    try {
      client
          .resource(
              new NamespaceBuilder()
                  .withNewMetadata()
                  .withName(made.name)
                  .withLabels(known)
                  .addToLabels(made.labels)
                  // sidecars' init containers write the kernel's rules
                  .addToLabels("pod-security.kubernetes.io/enforce", "privileged")
                  .addToAnnotations(ProbeLabels.EXPIRES, now.plus(life).toString())
                  .endMetadata()
                  .build())
          .create();
      return made;
    } catch (KubernetesClientException e) {
      made.close();
      throw Refused.of(e, "create namespaces");
    }
  }

  @Override
  public String name() {
    return name;
  }

  /** An object's metadata in it. */
  private ObjectMeta metadata(String object, Map<String, String> more) {
    return new ObjectMetaBuilder()
        .withName(object)
        .withNamespace(name)
        .withLabels(labels)
        .addToLabels("app", object)
        .addToLabels(more)
        .build();
  }

  /** Makes the Pod outside of the mesh, and all that the others need. */
  void fill(String image) throws ProbeFailed {
    List<HasMetadata> objects = new ArrayList<>();
    for (String account : List.of(CALLER, ECHO, OUTSIDE)) {
      objects.add(new ServiceAccountBuilder().withMetadata(metadata(account, Map.of())).build());
    }
    objects.add(
        new ServiceBuilder()
            .withMetadata(metadata(ECHO, Map.of()))
            .withNewSpec()
            .addToSelector("app", ECHO)
            .addNewPort()
            .withName("http")
            .withPort(PORT)
            .endPort()
            .endSpec()
            .build());
    objects.add(pod(OUTSIDE, image, Map.of("sidecar.istio.io/inject", "false")));
    create(objects);
  }

  /**
   * Makes the Pods in the mesh.
   *
   * @param injected labels that ask for a sidecar
   */
  void join(String image, Map<String, String> injected) throws ProbeFailed {
    create(List.of(pod(CALLER, image, injected), pod(ECHO, image, injected)));
  }

  private void create(List<HasMetadata> objects) throws ProbeFailed {
    for (HasMetadata object : objects) {
      try {
        client.resource(object).create();
      } catch (KubernetesClientException e) {
        throw Refused.of(e, "create %s -n %s".formatted(plural(object.getKind()), name));
      }
    }
  }

  private static String plural(String kind) {
    String word = kind.toLowerCase(Locale.ROOT);
    return word.endsWith("y") ? word.substring(0, word.length() - 1) + "ies" : word + "s";
  }

  private Pod pod(String account, String image, Map<String, String> more) {
    return new PodBuilder()
        .withMetadata(metadata(account, more))
        .withNewSpec()
        .withServiceAccountName(account)
        .withRestartPolicy("Never")
        .withActiveDeadlineSeconds(life.toSeconds())
        .withTerminationGracePeriodSeconds(0L)
        .addNewContainer()
        .withName(CONTAINER)
        .withImage(image)
        .withImagePullPolicy("IfNotPresent")
        .withArgs("httpbin", "--port", Integer.toString(PORT), "--name", account)
        .addNewPort()
        .withContainerPort(PORT)
        .endPort()
        .withNewReadinessProbe()
        .withPeriodSeconds(1)
        .withNewHttpGet()
        .withPath("/health")
        .withNewPort(PORT)
        .endHttpGet()
        .endReadinessProbe()
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(USER)
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .addToDrop("ALL")
        .endCapabilities()
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .endContainer()
        .endSpec()
        .build();
  }

  /** Waits for a Pod to be ready. */
  Pod awaitReady(String pod) throws ProbeFailed, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Pod is = get(pod);
      if (is != null && Readiness.isPodReady(is)) {
        return is;
      }
      if (System.nanoTime() >= end) {
        throw new ProbeFailed(
            "Pod %s/%s is not ready: %s".formatted(name, pod, is == null ? "it is gone" : why(is)));
      }
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
    }
  }

  private @Nullable Pod get(String pod) throws ProbeFailed {
    try {
      return client.pods().inNamespace(name).withName(pod).get();
    } catch (KubernetesClientException e) {
      throw Refused.of(e, "get pods -n " + name);
    }
  }

  private static String why(Pod pod) {
    return Stream.concat(
            pod.getStatus().getInitContainerStatuses().stream(),
            pod.getStatus().getContainerStatuses().stream())
        .filter(status -> !Boolean.TRUE.equals(status.getReady()))
        .map(ProbeNamespace::words)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseGet(
            () ->
                pod.getStatus().getConditions().stream()
                    .map(condition -> condition.getMessage())
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse("phase " + pod.getStatus().getPhase()));
  }

  private static Optional<String> words(ContainerStatus status) {
    ContainerStateWaiting waiting =
        status.getState() == null ? null : status.getState().getWaiting();
    return waiting == null
        ? Optional.empty()
        : Optional.of(
            "container %s: %s%s"
                .formatted(
                    status.getName(),
                    waiting.getReason(),
                    waiting.getMessage() == null ? "" : " (" + waiting.getMessage() + ")"));
  }

  /** Runs a command in a Pod of it, whose container is not the proxy's. */
  Ran exec(String pod, List<String> line) throws ProbeFailed, InterruptedException {
    return new PodExec(client, name, pod, CONTAINER).run(line);
  }

  /** Runs a command for each argument, one after the other; how each ended, in their order. */
  List<Ran> execAll(String pod, List<String> command, List<String> arguments)
      throws ProbeFailed, InterruptedException {
    return new PodExec(client, name, pod, CONTAINER).runAll(command, arguments);
  }

  @Override
  public void apply(String apiVersion, String kind, String object, String spec) throws ProbeFailed {
    GenericKubernetesResource resource =
        client
            .getKubernetesSerialization()
            .unmarshal(
                """
                {"apiVersion": "%s", "kind": "%s", "spec": %s}
                """
                    .formatted(apiVersion, kind, spec),
                GenericKubernetesResource.class);
    resource.setMetadata(metadata(object, Map.of()));
    try {
      client.resource(resource).create();
    } catch (KubernetesClientException e) {
      throw Refused.of(e, "create %s -n %s".formatted(plural(kind), name));
    }
  }

  @Override
  public void delete(String apiVersion, String kind, String object) throws ProbeFailed {
    try {
      client
          .genericKubernetesResources(apiVersion, kind)
          .inNamespace(name)
          .withName(object)
          .delete();
    } catch (KubernetesClientException e) {
      throw Refused.of(e, "delete %s -n %s".formatted(plural(kind), name));
    }
  }

  /** Removes all of it. The API server goes on by itself once it has taken the order. */
  private void end() {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    long end = System.nanoTime() + END.toNanos();
    while (!removed() && System.nanoTime() < end) {
      LockSupport.parkNanos(STEP.toNanos());
    }
  }

  private boolean removed() {
    try {
      return LeftOvers.remove(client, name);
    } catch (KubernetesClientException e) {
      return false; // tried again; what stays, LeftOvers finds
    }
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook has nothing left to do
    }
  }
}
