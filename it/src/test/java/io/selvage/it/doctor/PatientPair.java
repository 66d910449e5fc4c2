package io.selvage.it.doctor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.kubernetes.KubernetesApi;
import io.selvage.doctor.kubernetes.KubernetesClusters;
import io.selvage.doctor.kubernetes.KubernetesCollector;
import io.selvage.it.cluster.Application;
import io.selvage.it.cluster.ClusterPair;
import io.selvage.it.cluster.IstioOfTwo;
import io.selvage.it.cluster.Kubectl;
import io.selvage.it.cluster.KubernetesCluster;
import io.selvage.it.cluster.SelvageOfTwo;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * One mesh of two clusters, {@code east} and {@code west}, on two networks, that the doctor looks
 * at: {@code httpbin} of the namespace {@code sample} runs in both.
 */
final class PatientPair implements AutoCloseable {
  private final Opened opened;
  private final Patient.Mesh mesh;
  private final Kubectl east;
  private final Kubectl west;
  private final Path folder;
  private final KubernetesCluster balanced;
  private final List<KubernetesApi> apis;
  private final InstantSource clock = InstantSource.system();

  private PatientPair(Opened opened, Patient.Mesh mesh, ClusterPair pair) throws IOException {
    this.opened = opened;
    this.mesh = mesh;
    this.east = pair.east().kubectl();
    this.west = pair.west().kubectl();
    this.folder = pair.east().folder();
    this.balanced = pair.west();
    this.apis = List.of(api(east), api(west));
  }

  private KubernetesApi api(Kubectl kubectl) throws IOException {
    KubernetesClient client =
        opened.add(
            ClusterConnection.open(
                Optional.of(kubectl.kubeconfig()), Optional.of(kubectl.context())));
    return new KubernetesApi(client, kubectl.context(), Duration.ofSeconds(5));
  }

  /** Starts both, installs the mesh and the application, and waits until all of it runs. */
  static PatientPair with(Patient.Mesh mesh) throws Exception {
    Opened opened = new Opened();
    try {
      ClusterPair pair = opened.add(ClusterPair.start(ClusterPair.Network.TWO));
      switch (mesh) {
        case ISTIO -> IstioOfTwo.into(pair);
        case SELVAGE -> SelvageOfTwo.into(pair);
      }
      List<Kubectl> both = List.of(pair.east().kubectl(), pair.west().kubectl());
      for (Kubectl kubectl : both) {
        kubectl.apply(
            Application.namespace(Patient.SAMPLE, "{" + mesh.label() + "}")
                + Application.httpbin(Patient.SAMPLE, "{}", kubectl.context()));
      }
      for (Kubectl kubectl : both) {
        kubectl.awaitRollout(Patient.SAMPLE, "httpbin");
        kubectl.awaitRollout("istio-system", "istio-eastwestgateway");
      }
      return new PatientPair(opened, mesh, pair);
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  Patient.Mesh mesh() {
    return mesh;
  }

  Kubectl east() {
    return east;
  }

  Kubectl west() {
    return west;
  }

  /** Gives the gateway of {@code west} its address again, as its cloud does. */
  void assignLoadBalancer() {
    balanced.assignLoadBalancer("istio-system", "istio-eastwestgateway");
  }

  /**
   * Makes the control plane of {@code west} anew, and then its proxies: a Pod that begins with the
   * root of before has it for a minute.
   */
  void startWestAnew() throws Exception {
    restart("istio-system", mesh.deployment());
    west.awaitRollout("istio-system", mesh.deployment());
    for (String namespace : List.of("istio-system", Patient.SAMPLE)) {
      Until.holds("the root is published in " + namespace, () -> isPublished(namespace));
    }
    restart("istio-system", "istio-eastwestgateway");
    restart(Patient.SAMPLE, "httpbin");
    west.awaitRollout("istio-system", "istio-eastwestgateway");
    west.awaitRollout(Patient.SAMPLE, "httpbin");
  }

  private boolean isPublished(String namespace) {
    byte[] root =
        Base64.getMimeDecoder()
            .decode(
                west.get("secret", "cacerts", "-n", "istio-system")
                    .at("/data/root-cert.pem")
                    .asString());
    return west.get("configmap", "istio-ca-root-cert", "-n", namespace)
        .at("/data/root-cert.pem")
        .asString()
        .contains(new String(root, StandardCharsets.UTF_8).strip());
  }

  private void restart(String namespace, String deployment) {
    west.run("rollout", "restart", "deployment/" + deployment, "-n", namespace).well();
  }

  Instant now() {
    return clock.instant();
  }

  /** What {@code selvage doctor --context=east --context=west} sees, with logs since then. */
  Evidence look(Instant since) {
    return new KubernetesClusters(apis, KubernetesCollector.Settings.since(since), clock)
        .collect(_ -> {});
  }

  /** The evidence as it comes out of the bundle that it was put in. */
  Evidence bundled(Evidence evidence) throws IOException {
    return Patient.bundled(evidence, folder);
  }

  @Override
  public void close() {
    opened.close();
  }
}
