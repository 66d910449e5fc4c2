package io.selvage.cli.state;

import io.selvage.cli.netns.Isolation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a running mesh leaves for other commands to find it.
 *
 * @param pid the process that runs it
 * @param processStarted when that process began, since process ids come again
 * @param admin {@code http://127.0.0.1:PORT}
 * @param token the bearer token that {@code admin} asks for; the file is for its owner alone
 * @param folder where its configuration is written; empty when it is not in one place
 * @param controlPlanes the admin endpoints of the control planes
 */
public record MeshState(
    String mesh,
    long pid,
    Instant processStarted,
    String admin,
    String token,
    Isolation isolation,
    String folder,
    List<ControlPlane> controlPlanes,
    List<Workload> workloads) {

  public MeshState {
    controlPlanes = List.copyOf(controlPlanes);
    workloads = List.copyOf(workloads);
  }

  /**
   * A cluster's control plane.
   *
   * @param admin {@code http://127.0.0.1:PORT}
   * @param token the bearer token that it asks for
   */
  public record ControlPlane(String cluster, String admin, String token) {
    /** Without the token. */
    @Override
    public String toString() {
      return "ControlPlane[" + cluster + ", " + admin + "]";
    }
  }

  /**
   * A workload, as {@code exec} needs it.
   *
   * @param netns its network namespace's name; empty without namespaces
   * @param resolvConf the file bound over {@code /etc/resolv.conf}; empty without namespaces
   * @param proxyNetns the network namespace of the proxy's container, where that is another one: in
   *     a user namespace there is no second user to be
   * @param proxyResolvConf its {@code resolv.conf}
   * @param httpProxy what {@code http_proxy} is set to; empty with namespaces
   * @param pid the application's process; 0 when Selvage did not start it
   * @param processStarted when that began; the epoch when Selvage did not start it
   */
  public record Workload(
      String cluster,
      String namespace,
      String name,
      String address,
      String netns,
      String resolvConf,
      String proxyNetns,
      String proxyResolvConf,
      String httpProxy,
      long pid,
      Instant processStarted) {

    /** {@code cluster.namespace.name}, as its logs are called. */
    public String fileName() {
      return cluster + "." + namespace + "." + name;
    }

    /** {@code namespace/name}. */
    public String qualifiedName() {
      return namespace + "/" + name;
    }
  }

  /** Whether the process that wrote this still runs. */
  public boolean alive() {
    return process(pid, processStarted).isPresent();
  }

  /** The process {@code pid} if it is the one that began then. */
  public static Optional<ProcessHandle> process(long pid, Instant started) {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(p -> p.info().startInstant().filter(started::equals).isPresent());
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "MeshState[" + mesh + ", pid " + pid + ", " + admin + "]";
  }
}
