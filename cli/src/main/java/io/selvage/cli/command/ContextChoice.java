package io.selvage.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that name Kubernetes clusters, and where their contexts are written. */
final class ContextChoice {
  @Option(
      names = "--context",
      paramLabel = "NAME",
      completionCandidates = ContextCandidates.class,
      description =
          "A cluster, by its context in the kubeconfig; may be given many times (default: the"
              + " current one, for commands that are about clusters alone).")
  private List<String> contexts = List.of();

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it.")
  private @Nullable Path kubeconfig;

  /** As they were given, each once. */
  List<String> named() {
    return contexts.stream().distinct().toList();
  }

  /** A file; empty: as {@code kubectl} finds it. */
  Optional<Path> kubeconfig() {
    return Optional.ofNullable(kubeconfig);
  }
}
