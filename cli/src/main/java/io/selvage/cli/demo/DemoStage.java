package io.selvage.cli.demo;

import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.cli.netns.HostCommands.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What the demo needs of the mesh that it walks through. */
public interface DemoStage {

  /** Runs {@code command} as a workload, the way {@code selvage exec} does. */
  Outcome exec(Place place, List<String> command) throws IOException;

  /** The folder whose YAML every cluster reads. */
  Path folder();

  /** Has the workload's certificate renewed now; returns once another one is in use. */
  void rotateCertificate(Place place) throws IOException, InterruptedException;

  /**
   * Takes a cluster's CA to a new root, every step of it: both are trusted, the new one signs,
   * certificates are renewed, the old one is dropped.
   *
   * @return what was done, one line for each step
   */
  List<String> rotateRoot(String cluster) throws IOException, InterruptedException;

  /** The fingerprint (lower-case hex SHA-256) of the certificate that a workload shows now. */
  String fingerprint(Place place);

  /**
   * The address at which a workload is called without its service's name, where the proxy's
   * container knows no names; empty where it does.
   */
  Optional<String> address(Place place);

  /** Waits, in the time of the mesh. */
  void pause(Duration duration) throws InterruptedException;

  /** A container of a workload. */
  record Place(String cluster, String namespace, String workload, Container container) {
    /** The application's container. */
    public static Place app(String cluster, String namespace, String workload) {
      return new Place(cluster, namespace, workload, Container.APPLICATION);
    }

    /** The same workload with the proxy's view. */
    public Place asProxy() {
      return new Place(cluster, namespace, workload, Container.PROXY);
    }

    /** What a user types before the command. */
    public String typed() {
      return "selvage exec %s -n %s --context %s%s --"
          .formatted(
              workload, namespace, cluster, container == Container.PROXY ? " -c istio-proxy" : "");
    }
  }
}
