package io.selvage.cli.workloads;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One workload that a mesh on this machine carries.
 *
 * @param cluster empty: the only cluster there is
 * @param labels what selectors see; {@code app: NAME} when none are written
 * @param runs how its application comes to be there
 * @param services the Services that lead to it; those that the folder does not define are made
 * @param proxy whose proxy stands before it
 */
public record WorkloadSpec(
    String name,
    String namespace,
    String cluster,
    String serviceAccount,
    Map<String, String> labels,
    Application runs,
    List<Port> ports,
    List<String> services,
    Proxy proxy) {

  public WorkloadSpec {
    labels = Map.copyOf(labels);
    ports = List.copyOf(ports);
    services = List.copyOf(services);
  }

  /** The same in another cluster. */
  public WorkloadSpec in(String other) {
    return new WorkloadSpec(
        name, namespace, other, serviceAccount, labels, runs, ports, services, proxy);
  }

  /** {@code namespace/name}. */
  public String qualifiedName() {
    return namespace + "/" + name;
  }

  /** {@code cluster.namespace.name}: file names, namespaces. */
  public String fileName() {
    return cluster + "." + namespace + "." + name;
  }

  /** The labels that all of {@code workloads} have, which is how a service selects them. */
  public static Map<String, String> sharedLabels(List<WorkloadSpec> workloads) {
    var shared = new HashMap<>(workloads.getFirst().labels());
    workloads.forEach(workload -> shared.entrySet().retainAll(workload.labels().entrySet()));
    return Map.copyOf(shared);
  }

  /** Whose proxy stands before a workload. */
  public enum Proxy {
    /** Selvage's own, in the mesh's process. */
    SELVAGE,
    /** Another, such as Envoy, that the user starts with {@code selvage agent}. */
    EXTERNAL
  }

  /** Where a workload's application comes from. */
  public sealed interface Application {}

  /** A process that Selvage starts, watches and stops. */
  public record Command(
      List<String> line, Map<String, String> environment, Optional<Path> directory)
      implements Application {
    public Command {
      line = List.copyOf(line);
      environment = Map.copyOf(environment);
    }
  }

  /** A process of the user's that listens on this machine's loopback already. */
  public record Listening(InetSocketAddress at) implements Application {}

  /**
   * A port that the workload serves.
   *
   * @param name as Istio reads protocols from it: {@code http}, {@code grpc-api}, {@code tcp}
   * @param port what clients call, and where the application listens unless it is {@link Listening}
   * @param protocol TCP most often
   */
  public record Port(String name, int port, String protocol) {}
}
