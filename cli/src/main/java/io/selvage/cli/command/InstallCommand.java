package io.selvage.cli.command;

import io.selvage.cli.log.LogRouting;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code selvage install}. */
@Command(
    name = "install",
    description = {
      "Install Selvage in Kubernetes clusters, or change how it is installed.",
      "%nShows what is there and what would be done, asks, does it, waits until the control plane"
          + " is ready and checks that it works. It can be run again: what is as it should be is"
          + " left, and settings that are not given stay as they were."
    },
    footer = {
      "%nExit status: 0 it works; 1 something is refused, in conflict or does not work; 2 the"
          + " command line or the kubeconfig is wrong; 4 a cluster cannot be reached, or you may"
          + " not; 5 it was not ready in time; 130 you said no."
    })
final class InstallCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private SettingChoice settings;
  @Mixin private ConsentChoice consent;
  @Mixin private RunChoice run;

  @Override
  public Integer call() throws InterruptedException {
    LogRouting.toStandardError(Level.ERROR);
    var wishes = new InstallRun.Wishes(clusters, settings, consent, run, false, false);
    try (var install = new InstallRun(spec, wishes)) {
      return install.run();
    }
  }
}
