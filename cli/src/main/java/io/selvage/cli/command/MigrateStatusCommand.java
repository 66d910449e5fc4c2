package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.terminal.Table;
import io.selvage.control.kubernetes.migrate.MigrationStatus;
import io.selvage.control.kubernetes.migrate.Surveyor;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage migrate status}. */
@Command(
    name = "status",
    description = {
      "Show how far a migration is.",
      "%nWhich control planes run, by which root they sign, who of the workloads has which, who"
          + " would be cut off by the next step of a root change, and what to do now. Reads alone."
    },
    footer = "%nExit status: 1 something is not as it should be; 4 the cluster cannot be asked.")
final class MigrateStatusCommand implements Callable<Integer> {
  private static final int MOST = 10;

  @Spec private CommandSpec spec;
  @Mixin private ClusterChoice clusters;
  @Mixin private OutputChoice output;

  @Override
  public Integer call() {
    MigrationStatus status =
        MigrationRun.in(
            clusters,
            chosen ->
                MigrationStatus.of(
                    new Surveyor(chosen.client(), chosen.namespace(), InstantSource.system())
                        .look()));
    if (output.forPrograms()) {
      SelvageCommand.print(spec, output.rendered(JsonMapper.shared().valueToTree(status)));
    } else {
      print(status);
    }
    return status.findings().isEmpty() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private void print(MigrationStatus status) {
    var style = SelvageCommand.style(spec);
    line("trust domain", status.trustDomain() + aliases(status.trustDomainAliases()));
    line("CA", ca(status));
    lines("istiod", status.istiods());
    lines("Selvage", status.replicas());
    if (!status.rootChange().isEmpty()) {
      line("root change", status.rootChange());
    }
    var table = new Table("NAMESPACE", "LABELS", "ISTIO", "SELVAGE", "ROOTS OF PODS");
    status
        .namespaces()
        .forEach(
            row ->
                table.row(row.namespace(), row.labels(), row.istio(), row.selvage(), row.roots()));
    if (!table.isEmpty()) {
      SelvageCommand.print(spec, "");
      table.lines().forEach(text -> SelvageCommand.print(spec, text));
    }
    if (!status.lacking().isEmpty()) {
      SelvageCommand.print(spec, "", "The next step of the root change would cut off:");
      status.lacking().stream()
          .limit(MOST)
          .forEach(who -> SelvageCommand.print(spec, "  " + style.warning(who)));
      if (status.lacking().size() > MOST) {
        SelvageCommand.print(spec, "  and %d more".formatted(status.lacking().size() - MOST));
      }
    }
    status.findings().forEach(finding -> SelvageCommand.print(spec, style.bad(finding)));
    MigrationRun.next(spec, status.next());
  }

  private static String aliases(List<String> aliases) {
    return aliases.isEmpty() ? "" : ", also accepted: " + String.join(", ", aliases);
  }

  private static String ca(MigrationStatus status) {
    return status.ca().isEmpty()
        ? "none yet"
        : "Secret %s, signs by root %s, trusts %s"
            .formatted(status.ca(), status.signs(), String.join(", ", status.trusted()));
  }

  private void lines(String name, List<String> values) {
    if (values.isEmpty()) {
      line(name, "none");
    }
    values.forEach(value -> line(name, value));
  }

  private void line(String name, String value) {
    SelvageCommand.print(spec, "%-13s %s".formatted(name, value));
  }
}
