package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.MeshStatus;
import io.selvage.cli.terminal.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage status}. */
@Command(
    name = "status",
    description = "Show how a running mesh stands. Exit status 1: something needs a look.")
final class StatusCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;
  @Mixin private OutputChoice output;

  @Override
  public Integer call() {
    var answer = new AdminClient(choice.mesh()).ask("/v1/status").orElseThrow();
    var status = JsonMapper.shared().treeToValue(answer, MeshStatus.class);
    if (output.json()) {
      SelvageCommand.print(spec, answer.toPrettyString());
    } else {
      print(status);
    }
    return status.healthy() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private void print(MeshStatus status) {
    var style = SelvageCommand.style(spec);
    SelvageCommand.print(
        spec,
        "%s  %d clusters, %d workloads, process %d, up %s"
            .formatted(
                style.strong(status.mesh()),
                status.clusters().size(),
                status.workloads().size(),
                status.pid(),
                span(Duration.between(status.startedAt(), Instant.now()))),
        style.faint(status.isolation() + ": " + status.isolationReason()),
        "");
    for (var cluster : status.clusters()) {
      String title =
          "%s  trust domain %s, CA profile %s, configuration %d"
              .formatted(cluster.name(), cluster.trustDomain(), cluster.ca(), cluster.generation());
      SelvageCommand.print(
          spec, cluster.problems().isEmpty() ? style.good(title) : style.bad(title));
      cluster.roots().forEach(root -> SelvageCommand.print(spec, "    root " + root));
      cluster.problems().forEach(problem -> SelvageCommand.print(spec, "    " + problem));
    }
    var table = new Table("CLUSTER", "WORKLOAD", "ADDRESS", "PROCESS", "PROXY", "CERT");
    status.workloads().forEach(w -> row(table, w));
    SelvageCommand.print(spec, "");
    table.lines().forEach(line -> SelvageCommand.print(spec, line));
  }

  private static void row(Table table, MeshStatus.Workload w) {
    table.row(
        w.cluster(),
        w.namespace() + "/" + w.name(),
        w.address(),
        w.restarts() == 0 ? w.process() : w.process() + " (" + w.restarts() + "x)",
        w.proxy(),
        w.certificateEnds().equals(Instant.EPOCH)
            ? "none"
            : span(Duration.between(Instant.now(), w.certificateEnds())));
  }

  /** A span in its largest two units: {@code 23h59m}. */
  static String span(Duration span) {
    if (span.isNegative()) {
      return "ended";
    }
    if (span.toDays() > 0) {
      return span.toDays() + "d" + span.toHoursPart() + "h";
    }
    if (span.toHours() > 0) {
      return span.toHours() + "h" + span.toMinutesPart() + "m";
    }
    return span.toMinutes() > 0
        ? span.toMinutes() + "m" + span.toSecondsPart() + "s"
        : span.toSeconds() + "s";
  }
}
