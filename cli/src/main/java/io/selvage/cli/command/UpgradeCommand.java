package io.selvage.cli.command;

import io.selvage.cli.log.LogRouting;
import java.util.concurrent.Callable;
import org.slf4j.event.Level;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code selvage upgrade}. */
@Command(
    name = "upgrade",
    description = {
      "Bring an installed Selvage to this version.",
      "%nAs `selvage install`, one replica after the other; sidecars follow when their Pods are"
          + " restarted."
    },
    footer = {"%nExit status: as of `selvage install`."})
final class UpgradeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private SettingChoice settings;
  @Mixin private ConsentChoice consent;
  @Mixin private RunChoice run;

  @Option(names = "--force", description = "Also to an older version than the one that is there.")
  private boolean force;

  @Override
  public Integer call() throws InterruptedException {
    LogRouting.toStandardError(Level.ERROR);
    var wishes = new InstallRun.Wishes(clusters, settings, consent, run, true, force);
    try (var upgrade = new InstallRun(spec, wishes)) {
      return upgrade.run();
    }
  }
}
