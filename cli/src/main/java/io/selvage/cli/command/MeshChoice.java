package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.netns.Isolation;
import io.selvage.cli.state.MeshState;
import io.selvage.cli.state.StateDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which running mesh, cluster and namespace a command is about. */
final class MeshChoice {

  @Option(
      names = {"--mesh", "--name"},
      paramLabel = "NAME",
      description = "The mesh, when several run here.")
  private @Nullable String mesh;

  @Option(
      names = {"--context", "--cluster"},
      paramLabel = "CLUSTER",
      description = "The cluster, when the mesh has several.")
  private @Nullable String cluster;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NS",
      description = "The workload's namespace.")
  private @Nullable String namespace;

  static StateDirectory directory() {
    return StateDirectory.of(System.getenv(), home());
  }

  /** The user's, also as root of a user namespace, for whom Java would name root's. */
  static Path home() {
    String known = System.getProperty("user.home", ".");
    return Path.of(
        System.getenv().containsKey(Isolation.INSIDE_USER_NAMESPACE)
            ? System.getenv().getOrDefault("HOME", known)
            : known);
  }

  /** The mesh, which must run. */
  MeshState mesh() {
    return directory().find(mesh);
  }

  /** The cluster, which needs no choice where there is one. */
  String cluster(MeshState state) {
    if (cluster != null) {
      return cluster;
    }
    var names = state.controlPlanes().stream().map(MeshState.ControlPlane::cluster).toList();
    if (names.size() == 1) {
      return names.getFirst();
    }
    throw new UserError(
        ExitCode.USAGE, "choose a cluster with --context " + String.join(" | ", names));
  }

  /** The one workload called {@code name} within the choice. */
  MeshState.Workload workload(MeshState state, String name) {
    var found =
        state.workloads().stream()
            .filter(w -> w.name().equals(name) || w.qualifiedName().equals(name))
            .filter(w -> cluster == null || w.cluster().equals(cluster))
            .filter(w -> namespace == null || w.namespace().equals(namespace))
            .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    throw new UserError(
        ExitCode.USAGE,
        found.isEmpty()
            ? "no such workload: " + name + "; there are\n" + lines(state.workloads())
            : "several workloads are called " + name + ": choose one\n" + lines(found));
  }

  private static String lines(List<MeshState.Workload> workloads) {
    return workloads.stream()
        .map(w -> "  %s -n %s --context %s".formatted(w.name(), w.namespace(), w.cluster()))
        .collect(Collectors.joining("\n"));
  }
}
