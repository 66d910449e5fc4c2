package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.FolderSide;
import io.selvage.cli.prove.GitSide;
import io.selvage.cli.prove.SideSource;
import io.selvage.cli.prove.SideSpec;
import io.selvage.model.PolicyAssertions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which mesh a question of {@code selvage prove} is about. */
final class ProveInput {
  @Option(
      names = {"-f", "--file"},
      paramLabel = "DIR",
      description = {
        "A folder or file of YAML: policies, services, and what makes Pods (or workloads.yaml);"
            + " or REF:DIR, as git has it. May be given many times (default: this folder)."
      })
  private List<String> files = List.of();

  @Mixin private ContextChoice contexts;

  @Option(
      names = "--istio-namespace",
      paramLabel = "NS",
      description = "Where a cluster has the mesh's settings (${DEFAULT-VALUE}).")
  private String istioNamespace = "istio-system";

  @Option(
      names = "--clusters",
      description = "Each sub-folder is a cluster; the one named common is for all.")
  private boolean clusterFolders;

  boolean isCluster() {
    return !contexts.named().isEmpty();
  }

  List<String> files() {
    return files;
  }

  /** The mesh of a question that has one. */
  SideSource mesh() {
    if (isCluster()) {
      if (!files.isEmpty()) {
        throw new UserError(ExitCode.USAGE, "either -f or --context, not both");
      }
      return cluster();
    }
    return files(files.isEmpty() ? List.of(".") : files);
  }

  /** Files and folders, or one git reference. */
  SideSource files(List<String> names) {
    List<Path> paths = new ArrayList<>();
    for (String name : names) {
      if (SideSpec.isGit(name)) {
        if (names.size() > 1) {
          throw new UserError(
              ExitCode.USAGE, "`%s` is of git, and must be the only one".formatted(name));
        }
        return new GitSide(Path.of("").toAbsolutePath(), name, clusterFolders);
      }
      paths.add(Path.of(name));
    }
    return new FolderSide(paths, clusterFolders);
  }

  /** A side of a comparison by its name; the clusters when there is none. */
  SideSource side(@Nullable String named, String option) {
    if (named != null) {
      return files(List.of(named));
    }
    if (isCluster()) {
      return cluster();
    }
    throw new UserError(
        ExitCode.USAGE,
        option + " is missing: a folder, REF:DIR as git has it, or --context for a cluster");
  }

  /** The clusters that were named. */
  SideSource cluster() {
    return clusters();
  }

  /** What the users of the named clusters demand in these. */
  List<PolicyAssertions> clusterDemands() {
    return clusters().demands();
  }

  private ProveClusters clusters() {
    return new ProveClusters(contexts.named(), contexts.kubeconfig(), istioNamespace);
  }
}
