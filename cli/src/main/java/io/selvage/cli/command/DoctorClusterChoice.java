package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.state.MeshState;
import io.selvage.doctor.probe.Conversation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code selvage doctor} that say which mesh is looked at. */
final class DoctorClusterChoice {
  @Option(
      names = "--context",
      paramLabel = "NAME",
      completionCandidates = ContextCandidates.class,
      description = "A Kubernetes cluster, by its context; may be given many times.")
  private List<String> contexts = List.of();

  @Option(names = "--all-contexts", description = "All clusters of the kubeconfig.")
  private boolean all;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it.")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--mesh",
      paramLabel = "NAME",
      description = "The mesh on this machine, when several run here.")
  private @Nullable String mesh;

  boolean isNamed() {
    return all || kubeconfig != null || !contexts.isEmpty();
  }

  /**
   * The mesh on this machine when one runs and no cluster is named; else the clusters, the current
   * context's when none is named.
   */
  DoctorSource source(
      Duration since,
      Duration limit,
      DoctorProbeChoice probes,
      Optional<Conversation> conversation) {
    if (all && !contexts.isEmpty()) {
      throw new UserError(ExitCode.USAGE, "--all-contexts has no need of --context");
    }
    var here = isNamed() ? List.<MeshState>of() : MeshChoice.directory().running();
    if (!here.isEmpty() || mesh != null) {
      return new DoctorLocal(
          MeshChoice.directory().find(mesh), since, probes.wanted(), conversation);
    }
    return DoctorClusters.open(
        new DoctorClusters.Wanted(
            contexts.stream().distinct().toList(),
            all,
            Optional.ofNullable(kubeconfig),
            since,
            limit,
            probes.proxies(),
            probes.wanted(),
            conversation));
  }
}
