package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.Surroundings;
import io.selvage.control.kubernetes.migrate.MigrationRefused;
import io.selvage.control.kubernetes.migrate.RootChange.Done;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;
import picocli.CommandLine.Model.CommandSpec;

/** What the commands of {@code selvage migrate} share: one cluster, its refusals, their words. */
final class MigrationRun {
  private MigrationRun() {}

  /**
   * A cluster that was chosen. Commands name this and not the client, whose classes their own would
   * have loaded with them, in every process that shows its help.
   *
   * @param context its context; empty: the current one
   */
  record Chosen(KubernetesClient client, String namespace, Optional<String> context) {
    /** Its id in the mesh: as it was installed with, else its context's name. */
    String cluster() {
      return Surroundings.of(client, namespace)
          .installed()
          .map(installed -> installed.settings().cluster())
          .or(this::context)
          .orElse(InstallSettings.DEFAULTS.cluster());
    }
  }

  /** Something that is done with what was chosen. */
  interface Work<C, T> {
    T with(C chosen) throws MigrationRefused;
  }

  /** Does it in the one cluster that was chosen. */
  static <T> T in(ClusterChoice choice, Work<Chosen, T> work) {
    if (choice.contexts().size() != 1) {
      throw new UserError(ExitCode.USAGE, "one --context at a time: clusters migrate one by one");
    }
    return inAll(choice, all -> work.with(all.getFirst()));
  }

  /** Does it in all clusters that were chosen. */
  static <T> T inAll(ClusterChoice choice, Work<List<Chosen>, T> work) {
    LogRouting.toStandardError(Level.ERROR);
    List<Chosen> all = new ArrayList<>();
    try {
      for (Optional<String> context : choice.contexts()) {
        all.add(
            new Chosen(
                ClusterConnection.open(choice.kubeconfig(), context), choice.namespace(), context));
      }
      return work.with(all);
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (MigrationRefused e) {
      throw new UserError(ExitCode.FINDINGS, String.valueOf(e.getMessage()));
    } catch (KubernetesClientException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the API server: " + e.getMessage());
    } finally {
      all.forEach(chosen -> chosen.client().close());
    }
  }

  /** Says what a step did. */
  static int told(CommandSpec spec, boolean dryRun, Done done) {
    var style = SelvageCommand.style(spec);
    for (String line : done.lines()) {
      SelvageCommand.print(
          spec,
          dryRun && done.changed()
              ? style.faint("would do: ") + line
              : style.good(done.changed() ? line : line + ", nothing to do"));
    }
    next(spec, done.next());
    return ExitCode.OK;
  }

  /** Says what is to be done now. */
  static void next(CommandSpec spec, List<String> steps) {
    if (!steps.isEmpty()) {
      SelvageCommand.print(spec, "", "Next:");
      steps.forEach(
          step -> SelvageCommand.print(spec, "  " + SelvageCommand.style(spec).command(step)));
    }
  }
}
