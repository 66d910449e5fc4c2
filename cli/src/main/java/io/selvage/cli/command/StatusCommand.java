package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.MeshStatus;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
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
    description = {
      "Show how a running mesh stands.",
      "%nClusters with their roots and what of their configuration was refused; workloads with"
          + " process, proxy and the time that is left of the certificate."
    },
    footer = "%nExit status: 1 something needs a look; 4 no such mesh runs.")
final class StatusCommand implements Callable<Integer> {

  private static final int INDENT = 4;

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;
  @Mixin private OutputChoice output;

  @Override
  public Integer call() {
    var answer = new AdminClient(choice.mesh()).ask("/v1/status").orElseThrow();
    var status = JsonMapper.shared().treeToValue(answer, MeshStatus.class);
    if (output.forPrograms()) {
      SelvageCommand.print(spec, output.rendered(answer));
    } else {
      print(status);
    }
    return status.healthy() ? ExitCode.OK : ExitCode.FINDINGS;
  }

  private void print(MeshStatus status) {
    var style = SelvageCommand.style(spec);
    SelvageCommand.print(
        spec,
        "%s   up %s, process %d"
            .formatted(
                style.strong("mesh " + status.mesh()),
                Spans.shown(Duration.between(status.startedAt(), Instant.now())),
                status.pid()),
        style.faint(status.isolation() + ": " + status.isolationReason()),
        "");
    status.clusters().forEach(cluster -> print(cluster, style));
    var table = new Table("CLUSTER", "WORKLOAD", "ADDRESS", "PROCESS", "PROXY", "CERT");
    status.workloads().forEach(w -> row(table, w));
    SelvageCommand.print(spec, "");
    table.lines().forEach(line -> SelvageCommand.print(spec, line));
    status.workloads().stream()
        .filter(w -> !w.proxy().equals("ready"))
        .forEach(
            w ->
                finding(
                    style.warning(""),
                    "%s/%s/%s %s".formatted(w.cluster(), w.namespace(), w.name(), w.proxy())));
    status.troubles().forEach(trouble -> finding(style.bad(""), trouble));
  }

  private void print(MeshStatus.Cluster cluster, Style style) {
    String title =
        "%s   trust domain %s, CA profile %s, configuration %d"
            .formatted(cluster.name(), cluster.trustDomain(), cluster.ca(), cluster.generation());
    SelvageCommand.print(spec, cluster.problems().isEmpty() ? style.good(title) : style.bad(title));
    cluster.roots().forEach(root -> finding("  root ", root));
    if (!cluster.metrics().isEmpty()) {
      finding("  metrics ", cluster.metrics());
    }
    finding("  control plane's metrics ", cluster.controlPlaneMetrics());
    cluster.problems().forEach(problem -> finding("  " + style.bad(""), problem));
    cluster.warnings().forEach(warning -> finding("  " + style.warning(""), warning));
  }

  /** Colours take no room, so lines are laid out with as many plain characters. */
  private void finding(String first, String text) {
    Page page = SelvageCommand.page();
    String plain = first.replaceAll("\u001b\\[\\d+m", "");
    var lines = page.wrapped(plain, INDENT + 2, text);
    SelvageCommand.print(spec, first + lines.getFirst().substring(plain.length()));
    lines.stream().skip(1).forEach(line -> SelvageCommand.print(spec, line));
  }

  private static void row(Table table, MeshStatus.Workload w) {
    table.row(
        w.cluster(),
        w.namespace() + "/" + w.name(),
        w.address(),
        w.restarts() == 0 ? w.process() : w.process() + " (" + w.restarts() + "x)",
        w.proxy().equals("ready") ? "ready" : "waiting",
        w.certificateEnds().equals(Instant.EPOCH)
            ? (w.proxy().equals("ready") ? "its agent's" : "none")
            : Spans.shown(Duration.between(Instant.now(), w.certificateEnds())));
  }
}
