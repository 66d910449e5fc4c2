package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.control.kubernetes.install.Change;
import io.selvage.control.kubernetes.install.Check;
import io.selvage.control.kubernetes.install.InstallChecks;
import io.selvage.control.kubernetes.install.Installer;
import io.selvage.control.kubernetes.install.IssuanceTrial;
import io.selvage.control.kubernetes.install.JoinedClusters;
import io.selvage.control.kubernetes.install.Manifest;
import io.selvage.control.kubernetes.install.ObjectKind;
import io.selvage.control.kubernetes.install.Rollout;
import io.selvage.control.kubernetes.install.Surroundings;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One cluster in the course of an {@link InstallRun}: what is known of it so far. */
final class ClusterRun implements AutoCloseable {
  /** The code of a cluster that can't be reached. */
  static final String UNREACHABLE = "SLV7250";

  private final Optional<String> context;
  private final KubernetesClient client;
  private final Optional<String> server;
  private final String namespace;
  private final Installer installer;
  private @Nullable Surroundings found;
  private @Nullable Manifest manifest;
  private List<Change> plan = List.of();

  /**
   * Begins.
   *
   * @param client closed with this
   * @param server where other clusters reach its API server; empty: as we do
   */
  ClusterRun(
      Optional<String> context,
      KubernetesClient client,
      Optional<String> server,
      String namespace) {
    this.server = server;
    this.context = context;
    this.client = client;
    this.namespace = namespace;
    this.installer = new Installer(client, namespace);
  }

  Optional<String> context() {
    return context;
  }

  Installer installer() {
    return installer;
  }

  /** Looks at the cluster. */
  Surroundings look() {
    Surroundings looked = installer.surroundings();
    found = looked;
    return looked;
  }

  /** What {@link #look} saw. */
  Surroundings found() {
    return Objects.requireNonNull(found, "it was looked at");
  }

  /** Its name, where it is and what it runs. */
  String title() {
    return "%s  %s  Kubernetes %s"
        .formatted(
            context.orElse("the current context"), client.getMasterUrl(), found().kubernetes());
  }

  /** Before what is said of it. */
  String prefix() {
    return context.map(name -> name + ": ").orElse("");
  }

  List<Change> plan(Manifest wanted) {
    manifest = wanted;
    plan = installer.plan(wanted);
    return plan;
  }

  List<Change> plan() {
    return plan;
  }

  boolean hasNothingToDo() {
    return plan.stream()
        .allMatch(
            change -> change instanceof Change.Unchanged || change instanceof Change.LeftAlone);
  }

  /** As {@link Rollout#await}. */
  Optional<String> await(Duration limit, Consumer<String> progress) throws InterruptedException {
    for (Change change : plan) {
      if (change.object().kind() == ObjectKind.DEPLOYMENT && !(change instanceof Change.Delete)) {
        Optional<String> missing =
            new Rollout(client, namespace, change.object().name()).await(limit, progress);
        if (missing.isPresent()) {
          return missing;
        }
      }
    }
    return Optional.empty();
  }

  private String id() {
    return Objects.requireNonNull(manifest, "it was planned").settings().cluster();
  }

  /** As one of several clusters. */
  JoinedClusters.Member member() {
    return new JoinedClusters.Member(id(), client, server);
  }

  /** As {@link InstallChecks#run}. */
  List<Check> check() throws InterruptedException {
    var issuance =
        new IssuanceTrial(
            client,
            namespace,
            id(),
            IssuanceTrial.forwarding(client, namespace),
            InstantSource.system(),
            new SecureRandom());
    return new InstallChecks(client, namespace, issuance).run();
  }

  /** The API server's own message, or why there is none. */
  static String words(KubernetesClientException e) {
    if (e.getStatus() != null && e.getStatus().getMessage() != null) {
      return e.getStatus().getMessage();
    }
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return e.getCause() == null
        ? String.valueOf(e.getMessage())
        : "%s (%s)".formatted(e.getMessage(), cause);
  }

  @Override
  public void close() {
    client.close();
  }
}
