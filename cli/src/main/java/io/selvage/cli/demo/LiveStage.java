package io.selvage.cli.demo;

import io.selvage.cli.mesh.CarriedWorkload;
import io.selvage.cli.mesh.Mesh;
import io.selvage.cli.netns.HostCommands.Outcome;
import io.selvage.cli.state.CertificateReport;
import io.selvage.cli.state.MeshStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A mesh that runs in this process, as the demo's stage. */
public final class LiveStage implements DemoStage {

  private final Mesh mesh;
  private final Path folder;

  /** For {@code mesh}, whose configuration is in {@code folder}. */
  public LiveStage(Mesh mesh, Path folder) {
    this.mesh = mesh;
    this.folder = folder;
  }

  private static CarriedWorkload.Key key(Place place) {
    return new CarriedWorkload.Key(place.cluster(), place.namespace(), place.workload());
  }

  @Override
  public Outcome exec(Place place, List<String> command) throws IOException {
    return mesh.exec(key(place), place.container(), command);
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public void rotateCertificate(Place place) throws IOException, InterruptedException {
    mesh.running().rotateCertificate(key(place));
  }

  @Override
  public List<String> rotateRoot(String cluster) throws IOException, InterruptedException {
    return mesh.running().rotateRoot(cluster);
  }

  @Override
  public String fingerprint(Place place) {
    return mesh.running()
        .certificates(key(place))
        .map(CertificateReport::chain)
        .map(chain -> chain.getFirst().sha256())
        .orElse("");
  }

  @Override
  public Optional<String> address(Place place) {
    return mesh.status().workloads().stream()
        .filter(_ -> !mesh.hasNamespaces())
        .filter(w -> w.cluster().equals(place.cluster()))
        .filter(w -> w.namespace().equals(place.namespace()) && w.name().equals(place.workload()))
        .map(MeshStatus.Workload::address)
        .findFirst();
  }

  @Override
  public void pause(Duration duration) throws InterruptedException {
    Thread.sleep(duration);
  }
}
