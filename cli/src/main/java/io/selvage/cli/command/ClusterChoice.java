package io.selvage.cli.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options that say which Kubernetes clusters a command is about. As in every class of options,
 * no method has a type of the client's: reading the command line would load it.
 */
final class ClusterChoice {
  @Mixin private ContextChoice contexts;

  @Option(
      names = {"-n", "--namespace"},
      paramLabel = "NAME",
      description = "The control plane's (${DEFAULT-VALUE}).")
  private String namespace = "istio-system";

  /** The contexts' names; one that is empty for the current one. */
  List<Optional<String>> contexts() {
    return isNamed()
        ? contexts.named().stream().map(Optional::of).toList()
        : List.of(Optional.empty());
  }

  /** Whether clusters were named. */
  boolean isNamed() {
    return !contexts.named().isEmpty();
  }

  String namespace() {
    return namespace;
  }

  /** A file; empty: as {@code kubectl} finds it. */
  Optional<Path> kubeconfig() {
    return contexts.kubeconfig();
  }

  /** {@code kubectl} with the options that choose the same cluster. */
  String kubectl(Optional<String> context) {
    return "kubectl" + context.map(name -> " --context " + name).orElse("");
  }
}
