package io.selvage.cli.command;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.log.LogRouting;
import io.selvage.control.kubernetes.ClusterConnection;
import io.selvage.control.kubernetes.migrate.MigrationRefused;
import io.selvage.control.kubernetes.migrate.RootChange.Done;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.event.Level;
import picocli.CommandLine.Model.CommandSpec;

/** What the commands of {@code selvage migrate} share: one cluster, its refusals, their words. */
final class MigrationRun {
  private MigrationRun() {}

  /**
   * The cluster that was chosen. Commands name this and not the client, whose classes their own
   * would have loaded with them, in every process that shows its help.
   */
  record Chosen(KubernetesClient client, String namespace) {}

  /** Something that is done with a cluster. */
  interface Work<T> {
    T with(Chosen chosen) throws MigrationRefused;
  }

  /** Does it in the one cluster that was chosen. */
  static <T> T in(ClusterChoice choice, Work<T> work) {
    LogRouting.toStandardError(Level.ERROR);
    List<Optional<String>> contexts = choice.contexts();
    if (contexts.size() != 1) {
      throw new UserError(ExitCode.USAGE, "one --context at a time: clusters migrate one by one");
    }
    try (KubernetesClient client =
        ClusterConnection.open(choice.kubeconfig(), contexts.getFirst())) {
      return work.with(new Chosen(client, choice.namespace()));
    } catch (IOException e) {
      throw new UserError(ExitCode.USAGE, String.valueOf(e.getMessage()));
    } catch (MigrationRefused e) {
      throw new UserError(ExitCode.FINDINGS, String.valueOf(e.getMessage()));
    } catch (KubernetesClientException e) {
      throw new UserError(ExitCode.NO_ACCESS, "the API server: " + e.getMessage());
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
