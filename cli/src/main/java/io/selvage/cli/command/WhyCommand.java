package io.selvage.cli.command;

import io.selvage.cli.ExitCode;
import io.selvage.cli.UserError;
import io.selvage.cli.prove.report.RuleWords;
import io.selvage.cli.state.AdminClient;
import io.selvage.cli.state.DenialReport;
import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.cli.terminal.Table;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code selvage why [REQUEST-ID]}. */
@Command(
    name = "why",
    description = {
      "Say why a request was denied: policy, rule, file:line, and the facts it rested on.",
      "%nWithout an id, list the latest denials with theirs. The id is the x-request-id, which the"
          + " access log has too (selvage logs WORKLOAD -c istio-proxy)."
    },
    footer = "%nExit status: 1 no denial of this id is remembered.")
final class WhyCommand implements Runnable {

  private static final int INDENT = 12;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault());

  @Spec private CommandSpec spec;
  @Mixin private MeshChoice choice;
  @Mixin private OutputChoice output;

  @Parameters(arity = "0..1", paramLabel = "REQUEST-ID", description = "The request's id.")
  private @Nullable String id;

  @Override
  public void run() {
    var mesh = new AdminClient(choice.mesh());
    String wanted = id;
    JsonNode answer =
        wanted == null
            ? mesh.ask("/v1/denials").orElseThrow()
            : mesh.ask("/v1/why/" + wanted).orElseThrow(() -> unknown(wanted));
    if (output.forPrograms()) {
      SelvageCommand.print(spec, output.rendered(answer));
    } else if (wanted == null) {
      list(List.of(JsonMapper.shared().treeToValue(answer, DenialReport[].class)));
    } else {
      explain(JsonMapper.shared().treeToValue(answer, DenialReport.class));
    }
  }

  private static UserError unknown(String id) {
    return new UserError(
        ExitCode.FINDINGS,
        "no denial of a request `"
            + id
            + "` is remembered: it was served, or it is too long ago\n"
            + "  selvage why    lists the latest denials with their ids");
  }

  private void list(List<DenialReport> denials) {
    if (denials.isEmpty()) {
      SelvageCommand.print(spec, "nothing was denied yet");
      return;
    }
    var table = new Table("TIME", "STATUS", "BY", "REQUEST", "ID");
    denials.forEach(
        d ->
            table.row(
                TIME.format(d.time()),
                d.status() == 0 ? "closed" : d.status(),
                d.workload(),
                d.method().isEmpty() ? "tcp " + d.dialled() : d.method() + " " + d.path(),
                d.requestId().isEmpty() ? "-" : d.requestId()));
    table.lines().forEach(line -> SelvageCommand.print(spec, line));
  }

  private void explain(DenialReport denial) {
    Style style = SelvageCommand.style(spec);
    List<String> lines = new ArrayList<>();
    lines.add(style.strong(denial.request()));
    lines.add("");
    fact(
        lines,
        "denied",
        "at %s by the proxy of %s, %s"
            .formatted(
                denial.time(),
                denial.workload(),
                denial.status() == 0 ? "connection closed" : "status " + denial.status()));
    fact(lines, "because", denial.reason());
    fact(
        lines,
        "policy",
        denial.policy().isEmpty() ? "" : denial.policy() + ", rule " + denial.rule());
    fact(lines, "written", denial.at());
    if (!denial.trace().rule().isEmpty()) {
      String indent = " ".repeat(INDENT);
      lines.add(indent + denial.trace().rule());
      lines.addAll(RuleWords.table(rows(denial.trace()), indent + "  "));
    }
    lines.add("");
    fact(lines, "caller", denial.caller().isEmpty() ? "unknown: no mTLS" : denial.caller());
    fact(lines, "from", denial.callerAddress());
    fact(lines, "dialled", (denial.dialled() + "  " + denial.serverName()).strip());
    fact(lines, "token", denial.token());
    fact(lines, "details", denial.details());
    fact(lines, "request id", denial.requestId());
    lines.forEach(line -> SelvageCommand.print(spec, line));
  }

  private static List<RuleWords.Row> rows(DenialReport.Trace trace) {
    return trace.fields().stream()
        .map(
            field ->
                new RuleWords.Row(
                    field.name(),
                    field.values(),
                    field.actual(),
                    field.verdict(),
                    field.at(),
                    Optional.of(field.hint()).filter(hint -> !hint.isEmpty())))
        .toList();
  }

  private static void fact(List<String> lines, String name, String value) {
    if (!value.isEmpty()) {
      Page page = SelvageCommand.page();
      lines.addAll(page.wrapped("%-12s".formatted(name), INDENT, value));
    }
  }
}
