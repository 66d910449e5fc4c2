package io.selvage.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The options that say which Kubernetes clusters a command is about. As in every class of options,
 * no method has a type of the client's: reading the command line would load it.
 */
final class ClusterChoice {
  @Option(
      names = "--context",
      paramLabel = "NAME",
      description =
          "A cluster, by its context in the kubeconfig (default: the current one); may be given"
              + " many times.")
  private List<String> contexts = List.of();

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it.")
  private @Nullable Path kubeconfig;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "The control plane's (${DEFAULT-VALUE}).")
  private String namespace = "istio-system";

  /** The contexts' names; one that is empty for the current one. */
  List<Optional<String>> contexts() {
    return contexts.isEmpty()
        ? List.of(Optional.empty())
        : contexts.stream().distinct().map(Optional::of).toList();
  }

  /** Whether clusters were named. */
  boolean isNamed() {
    return !contexts.isEmpty();
  }

  String namespace() {
    return namespace;
  }

  /** A file; empty: as {@code kubectl} finds it. */
  Optional<Path> kubeconfig() {
    return Optional.ofNullable(kubeconfig);
  }

  /** {@code kubectl} with the options that choose the same cluster. */
  String kubectl(Optional<String> context) {
    return "kubectl" + context.map(name -> " --context " + name).orElse("");
  }
}
