package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage uninstall}. */
@Command(
    name = "uninstall",
    description = {
      "Take Selvage out of Kubernetes clusters.",
      "%nThe CA's key, the mesh's configuration, Istio's kinds with all policies in them and the"
          + " namespace stay, unless --purge. Sidecars go on with what they have until their"
          + " certificates end; they go when their Pods are restarted, by the commands that are"
          + " shown."
    },
    footer = {
      "%nExit status: 0 it is gone; 1 something could not be deleted; 2 the command line or the"
          + " kubeconfig is wrong; 4 a cluster cannot be reached, or you may not; 130 you said no."
    })
final class UninstallCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private ConsentChoice consent;

  @Option(
      names = "--purge",
      description =
          "Delete also what cannot be had back: the CA's key, the configuration, all policies."
              + " Without a terminal it needs --yes.")
  private boolean purge;

  @Override
  public Integer call() {
    LogRouting.toStandardError(Level.ERROR);
    if (purge && consent.nobodyCanBeAsked() && !consent.saidYes() && !consent.isDry()) {
      throw new UserError(ExitCode.USAGE, "--purge deletes for good: say --yes, too");
    }
    int worst = ExitCode.OK;
    for (Optional<String> context : clusters.contexts()) {
      worst = Math.max(worst, new UninstallRun(spec, clusters, consent, purge).from(context));
    }
    return worst;
  }
}
