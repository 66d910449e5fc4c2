package io.selvage.it.doctor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.webhook.CaBundles;
import io.selvage.doctor.Catalogue;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Doctor;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.bundle.Bundle;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.kubernetes.KubernetesApi;
import io.selvage.doctor.kubernetes.KubernetesClusters;
import io.selvage.doctor.kubernetes.KubernetesCollector;
import io.selvage.it.cluster.Application;
import io.selvage.it.cluster.IstioInstalled;
import io.selvage.it.cluster.Kubectl;
import io.selvage.it.cluster.KubernetesCluster;
import io.selvage.it.cluster.Selvage;
import io.selvage.it.cluster.SelvageImage;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A mesh in a whole cluster that the doctor looks at: installed as its users install it, with
 * {@code httpbin} and {@code sleep} in the namespace {@code sample}.
 */
final class Patient implements AutoCloseable {
  static final String SAMPLE = "sample";
  private static final String ROOT = "istio-system";

  private final Opened opened;
  private final Mesh mesh;
  private final KubernetesCluster cluster;
  private final Kubectl kubectl;
  private final KubernetesClient client;
  private final String context;
  private final InstantSource clock = InstantSource.system();
  private final Instant started;
  private Eyes eyes;
  private Instant turned = Instant.EPOCH;

  /** By whom, and by which clock, the doctor looks. */
  private record Eyes(KubernetesClient client, InstantSource clock) {}

  /** Which mesh. */
  enum Mesh {
    ISTIO("istio-injection: enabled", "istiod", "istio-sidecar-injector"),
    SELVAGE("selvage.io/injection: enabled", "selvage", CaBundles.INJECTOR);

    private final String label;
    private final String deployment;
    private final String injector;

    Mesh(String label, String deployment, String injector) {
      this.label = label;
      this.deployment = deployment;
      this.injector = injector;
    }

    /** The configuration of its injector's webhook. */
    String injector() {
      return injector;
    }

    /** The ClusterRoles of its control plane, and their bindings, the widest first. */
    List<String> roles() {
      return switch (this) {
        case ISTIO ->
            List.of("istiod-clusterrole-istio-system", "istiod-gateway-controller-istio-system");
        case SELVAGE -> List.of("selvage-control");
      };
    }

    /** The Deployment of its control plane. */
    String deployment() {
      return deployment;
    }

    /** What a namespace that is injected is labelled. */
    String label() {
      return label;
    }
  }

  private Patient(Mesh mesh, Opened opened, KubernetesCluster cluster) throws IOException {
    this.mesh = mesh;
    this.opened = opened;
    this.cluster = cluster;
    kubectl = cluster.kubectl();
    context = kubectl.context();
    client =
        opened.add(ClusterConnection.open(Optional.of(kubectl.kubeconfig()), Optional.of(context)));
    started = clock.instant();
    eyes = new Eyes(client, clock);
  }

  /** Starts a cluster, installs the mesh and the applications, and waits until they run. */
  static Patient with(Mesh mesh) throws Exception {
    return with(mesh, _ -> {});
  }

  /**
   * The same.
   *
   * @param before shown the cluster before the mesh is there
   */
  static Patient with(Mesh mesh, Consumer<Patient> before) throws Exception {
    Opened opened = new Opened();
    try {
      KubernetesCluster cluster =
          opened.add(KubernetesCluster.start(mesh.name().toLowerCase(java.util.Locale.ROOT)));
      Kubectl kubectl = cluster.kubectl();
      before.accept(new Patient(mesh, opened, cluster));
      switch (mesh) {
        case ISTIO -> IstioInstalled.into(cluster);
        case SELVAGE -> {
          cluster.load(SelvageImage.archive());
          install(kubectl);
        }
      }
      kubectl.apply(
          Application.namespace(SAMPLE, "{" + mesh.label + "}")
              + Application.httpbin(SAMPLE)
              + Application.sleep(SAMPLE));
      kubectl.awaitRollout(SAMPLE, "httpbin");
      kubectl.awaitRollout(SAMPLE, "sleep");
      return new Patient(mesh, opened, cluster);
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  private static void install(Kubectl kubectl) {
    new Selvage(kubectl.kubeconfig())
        .run("install", "--context", kubectl.context(), "--image", SelvageImage.NAME, "--yes")
        .well();
  }

  Mesh mesh() {
    return mesh;
  }

  Kubectl kubectl() {
    return kubectl;
  }

  /** For what a test keeps. */
  Path folder() {
    return cluster.folder();
  }

  /** The cluster that it is in. */
  KubernetesCluster cluster() {
    return cluster;
  }

  KubernetesClient client() {
    return client;
  }

  /** Waits until a Deployment of the sample runs as it was written last, and nothing else of it. */
  void awaitRollout(String deployment) throws Exception {
    kubectl.awaitRollout(SAMPLE, deployment);
    Until.seen(
        "one Pod of " + deployment,
        () ->
            kubectl
                .run("get", "pods", "-n", SAMPLE, "-l", "app=" + deployment, "-o", "name")
                .out()
                .lines()
                .count(),
        count -> count == 1);
  }

  /** Makes the proxies anew: old ones may wait for half a minute before they call again. */
  void awaitProxies() throws Exception {
    kubectl.run("rollout", "restart", "deployment", "-n", SAMPLE).well();
    awaitRollout("httpbin");
    awaitRollout("sleep");
    if (mesh == Mesh.ISTIO) {
      kubectl.run("rollout", "restart", "deployment/istio-ingressgateway", "-n", ROOT).well();
      kubectl.awaitRollout(ROOT, "istio-ingressgateway");
    }
  }

  /** What was logged until now is what lasting troubles began with. */
  void turn() {
    turned = clock.instant();
  }

  /** When that was, if it was after a moment. */
  Instant turnedAfter(Instant moment) {
    return turned.isAfter(moment) ? turned : moment;
  }

  /** When it was whole for the first time. */
  Instant started() {
    return started;
  }

  Instant now() {
    return clock.instant();
  }

  /** Has the doctor look by another kubeconfig from now on. */
  void lookBy(Path kubeconfig) throws IOException {
    eyes =
        new Eyes(
            opened.add(ClusterConnection.open(Optional.of(kubeconfig), Optional.of(context))),
            clock);
  }

  /** Has the doctor look from a machine whose clock is ahead. */
  void lookFromAhead(Duration ahead) {
    eyes = new Eyes(client, () -> clock.instant().plus(ahead));
  }

  /** Has the doctor look as it did at first. */
  void lookAsBefore() {
    eyes = new Eyes(client, clock);
  }

  /** What {@code selvage doctor} sees, with logs since then. */
  Evidence look(Instant since) {
    return new KubernetesClusters(
            List.of(new KubernetesApi(eyes.client(), context, Duration.ofSeconds(5))),
            KubernetesCollector.Settings.since(since),
            eyes.clock())
        .collect(_ -> {});
  }

  /** What it says. */
  static Diagnosis examine(Evidence evidence) {
    return new Doctor(Catalogue.all()).examine(evidence);
  }

  /** The codes that fail or warn. */
  static Set<String> open(Diagnosis diagnosis) {
    Set<String> codes = new TreeSet<>();
    for (Result result : diagnosis.results()) {
      if (result.status() == Status.FAIL || result.status() == Status.WARN) {
        codes.add(result.code());
      }
    }
    return codes;
  }

  /** The evidence as it comes out of the bundle that it was put in. */
  Evidence bundled(Evidence evidence) throws IOException {
    return bundled(evidence, folder());
  }

  /** The same, by a file of a folder. */
  static Evidence bundled(Evidence evidence, Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "bundle", ".zip");
    Bundle.write(evidence, "it", file);
    return Bundle.read(file);
  }

  @Override
  public void close() {
    opened.close();
  }
}
