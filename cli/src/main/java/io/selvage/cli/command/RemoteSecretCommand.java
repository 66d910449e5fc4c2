package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.control.kubernetes.remote.Reader;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage remote-secret}: what tells other clusters about one. */
@Command(
    name = "remote-secret",
    description = {
      "Print the Secret by which the control planes of other clusters read this one.",
      "%nIn the cluster, the ServiceAccount selvage-reader and its roles are made: it may read what"
          + " a mesh needs and have tokens reviewed. Apply what is printed in the other clusters:%n"
          + "  selvage remote-secret --context east --name east | kubectl --context west apply -f -"
    },
    footer = {
      "%nThe output holds credentials. Exit status: 2 the command line or the kubeconfig is wrong;"
          + " 4 the cluster cannot be asked or refuses."
    })
final class RemoteSecretCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--context",
      paramLabel = "NAME",
      description = "Of the kubeconfig (default: its current one).")
  private @Nullable String context;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "Default: as kubectl finds it.")
  private @Nullable Path kubeconfig;

  @Option(
      names = "--name",
      paramLabel = "ID",
      description =
          "The cluster's id in the mesh, selvage control's --cluster (default: the"
              + " context's name).")
  private @Nullable String name;

  @Option(
      names = "--namespace",
      paramLabel = "NAME",
      description = "The control plane's (${DEFAULT-VALUE}).")
  private String namespace = "istio-system";

  @Option(
      names = "--server",
      paramLabel = "URL",
      description = "Where the other clusters reach the API server (default: as the kubeconfig).")
  private @Nullable String server;

  @Option(
      names = "--istiod",
      description = {
        "For an istiod, which also demands to read all Secrets, WorkloadEntries and resource"
            + " definitions of the cluster."
      })
  private boolean istiod;

  @Override
  public Integer call() {
    var wanted =
        new RemoteSecretRun.Wanted(
            Optional.ofNullable(name),
            namespace,
            Optional.ofNullable(server),
            istiod ? Reader.ISTIOD : Reader.SELVAGE);
    SelvageCommand.print(
        spec,
        RemoteSecretRun.yaml(
            Optional.ofNullable(kubeconfig), Optional.ofNullable(context), wanted));
    return ExitCode.OK;
  }
}
