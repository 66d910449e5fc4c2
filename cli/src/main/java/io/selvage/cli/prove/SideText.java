package io.selvage.cli.prove;

import io.selvage.cli.workloads.WorkloadSpec;
import io.selvage.cli.workloads.WorkloadsFile;
import io.selvage.model.Problem;
import io.selvage.prove.input.MeshInput;
import io.selvage.prove.input.MeshText;
import io.selvage.prove.input.SourceText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The texts of one side, divided by cluster as {@code selvage up} divides them: with several
 * clusters a sub-folder is for the cluster of its name, and {@code common} for all.
 */
final class SideText {
  private static final String COMMON = "common";

  private final boolean clusterFolders;
  private final Map<String, MeshText> readers = new LinkedHashMap<>();

  /**
   * @param clusterFolders each sub-folder is a cluster, also without a {@code workloads.yaml} that
   *     says so
   */
  SideText(boolean clusterFolders) {
    this.clusterFolders = clusterFolders;
  }

  /**
   * A file.
   *
   * @param relative its path in the side's folder, with slashes
   */
  record Located(String relative, SourceText text) {
    private String top() {
      int slash = relative.indexOf('/');
      return slash < 0 ? "" : relative.substring(0, slash);
    }
  }

  /**
   * Divides and reads.
   *
   * @param folder where relative paths in {@code workloads.yaml} start
   */
  List<ClusterInput> read(List<Located> files, Path folder) {
    List<Located> resources = new ArrayList<>();
    Optional<WorkloadsFile> workloads = Optional.empty();
    for (Located file : files) {
      if (file.relative().equals(WorkloadsFile.NAME)) {
        workloads =
            Optional.of(WorkloadsFile.parse(file.text().source(), file.text().text(), folder));
      } else if (!file.relative().endsWith("/" + WorkloadsFile.NAME)) {
        resources.add(file);
      }
    }
    List<WorkloadSpec> specs = workloads.map(WorkloadsFile::workloads).orElse(List.of());
    List<Problem> problems = workloads.map(WorkloadsFile::problems).orElse(List.of());
    Set<String> names = new LinkedHashSet<>();
    workloads.ifPresent(file -> file.clusters().forEach(cluster -> names.add(cluster.name())));
    if (clusterFolders && names.isEmpty()) {
      resources.stream().map(Located::top).filter(t -> !t.isEmpty()).forEach(names::add);
      names.remove(COMMON);
    }
    if (names.isEmpty()) {
      return List.of(cluster("", resources, specs, problems));
    }
    List<ClusterInput> clusters = new ArrayList<>();
    for (String name : names) {
      List<Located> own =
          resources.stream()
              .filter(file -> file.top().equals(COMMON) || file.top().equals(name))
              .toList();
      List<WorkloadSpec> there =
          specs.stream()
              .filter(
                  spec ->
                      spec.cluster().equals(name)
                          || (spec.cluster().isEmpty() && names.size() == 1))
              .toList();
      clusters.add(cluster(name, own, there, clusters.isEmpty() ? problems : List.of()));
    }
    return clusters;
  }

  private ClusterInput cluster(
      String name, List<Located> files, List<WorkloadSpec> specs, List<Problem> problems) {
    MeshInput input =
        readers
            .computeIfAbsent(name, _ -> new MeshText())
            .read(files.stream().map(Located::text).toList());
    return new ClusterInput(
        name, input.and(new MeshInput(List.of(), List.of(), List.of(), problems)), specs);
  }
}
