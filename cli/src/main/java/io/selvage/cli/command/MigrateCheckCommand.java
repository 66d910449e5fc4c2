package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.terminal.Table;
import io.selvage.control.kubernetes.migrate.BlockerGroup;
import io.selvage.control.kubernetes.migrate.Blockers;
import io.selvage.control.kubernetes.migrate.Blockers.Blocker;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage migrate check}. */
@Command(
    name = "check",
    description = {
      "Show what of the Istio configuration Selvage would not do.",
      "%nResources of kinds that it does not read, those that it would refuse, and settings of the"
          + " mesh that it does not know; of the workloads that Istio injects, those that injection"
          + " would refuse or in part pass over; namespaces whose Pod Security level forbids its"
          + " sidecars. Reads alone; what may not be listed is told."
    },
    footer = "%nExit status: 1 something would be lost (SLV7284); 4 the cluster cannot be asked.")
final class MigrateCheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private OutputChoice output;

  @Override
  public Integer call() {
    List<Blocker> found =
        MigrationRun.in(
            clusters, chosen -> new Blockers(chosen.client(), chosen.namespace()).all());
    long blocking = found.stream().filter(Blocker::blocks).count();
    if (output.forPrograms()) {
      SelvageCommand.print(spec, output.rendered(JsonMapper.shared().valueToTree(found)));
    } else {
      print(found, blocking);
    }
    return blocking == 0 ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private void print(List<Blocker> found, long blocking) {
    var table = new Table("", "NAMESPACE", "KIND", "NAME", "WITHOUT IT, OR INSTEAD");
    BlockerGroup.of(found)
        .forEach(
            one ->
                table.row(
                    one.blocks() ? "×" : "!",
                    one.namespace().isEmpty() ? "-" : one.namespace(),
                    one.kind(),
                    one.names(),
                    one.effect()));
    if (!table.isEmpty()) {
      table.lines().forEach(line -> SelvageCommand.print(spec, line));
      SelvageCommand.print(spec, "");
    }
    SelvageCommand.print(spec, verdict(found, blocking));
  }

  private String verdict(List<Blocker> found, long blocking) {
    var style = SelvageCommand.style(spec);
    if (blocking > 0) {
      return style.bad("%d of them would not be done, or refused (SLV7284)".formatted(blocking));
    }
    return found.stream().anyMatch(Blocker::lacksRights)
        ? style.warning("nothing was found that would be lost, but not all could be looked at")
        : style.good("nothing of the Istio configuration would be lost");
  }
}
