package io.selvage.cli.command;

import io.selvage.cli.command.MigrationRun.Chosen;
import io.selvage.control.kubernetes.migrate.MigrationRefused;
import io.selvage.control.kubernetes.migrate.RootChange.Done;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of each step of a migration, and how it is taken. */
class MigrationStep {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec step;

  @Mixin private ClusterChoice clusters;

  @Option(names = "--dry-run", description = "Only show what would be done.")
  private boolean dry;

  /**
   * What a step does.
   *
   * @param <C> the change that it is a step of
   */
  interface Step<C> {
    Done of(C change, boolean dry) throws MigrationRefused;
  }

  /** Takes a step in the cluster that was chosen, and says what came of it. */
  final <C> int take(Function<Chosen, C> change, Step<C> which) {
    return MigrationRun.told(
        step, dry, MigrationRun.in(clusters, chosen -> which.of(change.apply(chosen), dry)));
  }

  /** Takes a step in all clusters that were chosen together, and says what came of it. */
  final <C> int takeInAll(Function<List<Chosen>, C> change, Step<C> which) {
    return MigrationRun.told(
        step, dry, MigrationRun.inAll(clusters, all -> which.of(change.apply(all), dry)));
  }
}
