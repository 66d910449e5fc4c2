package io.selvage.cli.mesh;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.cli.workloads.WorkloadsFile;
import io.selvage.model.Problem;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a mesh on this machine shall be.
 *
 * @param name names everything that is created
 */
public record MeshPlan(String name, List<Cluster> clusters, List<WorkloadSpec> workloads) {

  public MeshPlan {
    clusters = List.copyOf(clusters);
    workloads = List.copyOf(workloads);
  }

  /**
   * One cluster.
   *
   * @param ca the CA's profile, {@code istiod} or {@code meshca}
   * @param cacerts the folder of a CA that the user brings, as Istio's {@code cacerts}
   * @param folder where Istio YAML is; watched
   * @param shared whether the folder has a sub-folder for each cluster, and {@code common} for all
   */
  public record Cluster(
      String name, String ca, Optional<Path> cacerts, Path folder, boolean shared) {

    /** Whether a file of the folder is configuration of this cluster. */
    public boolean reads(Path file) {
      if (file.endsWith(WorkloadsFile.NAME)) {
        return false;
      }
      String first = folder.relativize(file).getName(0).toString();
      return !shared || first.equals("common") || first.equals(name);
    }
  }

  /** Where the configuration of all clusters is written, if it is in one place. */
  public Optional<Path> folder() {
    List<Path> all =
        clusters.stream()
            .map(each -> each.folder().toAbsolutePath().normalize())
            .distinct()
            .toList();
    return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
  }

  /**
   * Reads a user's folder. When its {@code workloads.yaml} lists no clusters there is one, and all
   * YAML of the folder is for it. Otherwise the YAML in a sub-folder of a cluster's name is for
   * that cluster alone, and that in {@code common} for all.
   *
   * @param cluster the name of the only one when none are listed
   * @throws UserError when the folder or its {@code workloads.yaml} cannot be used
   */
  public static MeshPlan read(String name, Path folder, String cluster) {
    Path file = folder.resolve(WorkloadsFile.NAME);
    WorkloadsFile read;
    try {
      read = WorkloadsFile.read(file);
    } catch (NoSuchFileException e) {
      throw new UserError(
          ExitCode.USAGE,
          file + " is not there; examples/minimal/workloads.yaml shows what it looks like");
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, file + " cannot be read: " + e);
    }
    if (!read.problems().isEmpty()) {
      throw new UserError(
          ExitCode.USAGE,
          "%s cannot be used (selvage explain %s):%n%s"
              .formatted(file, WorkloadsFile.CODE, lines(read.problems())));
    }
    return read.clusters().isEmpty()
        ? new MeshPlan(
            name,
            List.of(new Cluster(cluster, "istiod", Optional.empty(), folder, false)),
            read.workloads().stream().map(workload -> workload.in(cluster)).toList())
        : new MeshPlan(
            name,
            read.clusters().stream()
                .map(c -> new Cluster(c.name(), c.ca(), c.cacerts(), folder, true))
                .toList(),
            only(read));
  }

  /** How much there is of what: {@code 2 clusters, 5 workloads}. */
  public String summary() {
    return counted(clusters.size(), "cluster") + ", " + counted(workloads.size(), "workload");
  }

  private static String counted(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }

  private static List<WorkloadSpec> only(WorkloadsFile read) {
    String first = read.clusters().getFirst().name();
    return read.workloads().stream()
        .map(workload -> workload.cluster().isEmpty() ? workload.in(first) : workload)
        .toList();
  }

  private static String lines(List<Problem> problems) {
    return problems.stream().map(p -> "  " + p.render()).collect(Collectors.joining("\n"));
  }
}
