package io.selvage.cli.command;

import io.selvage.cli.command.ProveOutput.Form;
import io.selvage.cli.prove.CheckedAssertion;
import io.selvage.cli.prove.Side;
import io.selvage.cli.prove.report.CheckText;
import io.selvage.cli.prove.report.CsvReport;
import io.selvage.cli.prove.report.DiffText;
import io.selvage.cli.prove.report.ExplainText;
import io.selvage.cli.prove.report.Finding;
import io.selvage.cli.prove.report.Findings;
import io.selvage.cli.prove.report.GithubAnnotations;
import io.selvage.cli.prove.report.GraphText;
import io.selvage.cli.prove.report.JsonAnswers;
import io.selvage.cli.prove.report.Junit;
import io.selvage.cli.prove.report.LintText;
import io.selvage.cli.prove.report.MarkdownReport;
import io.selvage.cli.prove.report.ReachText;
import io.selvage.cli.prove.report.Sarif;
import io.selvage.cli.prove.report.SvgPicture;
import io.selvage.cli.prove.report.TrafficGraph;
import io.selvage.prove.DiffReport;
import io.selvage.prove.LintFinding;
import io.selvage.prove.LintReport;
import io.selvage.prove.Place;
import io.selvage.prove.ReachReport;
import io.selvage.prove.SampleRequest;
import io.selvage.prove.Traced;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;

/** Prints answers of the prover in the form that was asked for. */
final class ProveAnswers {
  private ProveAnswers() {}

  static void print(
      CommandSpec spec, Form form, Side side, ReachReport report, TrafficGraph graph) {
    lines(
        spec,
        switch (form) {
          case JSON -> json(JsonAnswers.of(report, side.mesh()));
          case MD -> MarkdownReport.of(report);
          case CSV -> CsvReport.of(report);
          case DOT, MERMAID, SVG ->
              picture(form, graph, "Who can call whom in " + side.mesh().name());
          default ->
              new ReachText(side.mesh(), SelvageCommand.page(), SelvageCommand.style(spec))
                  .lines(report);
        });
  }

  static void print(
      CommandSpec spec,
      Form form,
      Side base,
      Side head,
      DiffReport report,
      Duration took,
      Supplier<TrafficGraph> graph) {
    lines(
        spec,
        switch (form) {
          case JSON -> json(JsonAnswers.of(report, base.mesh(), head.mesh()));
          case MD -> MarkdownReport.of(report, base.mesh(), head.mesh());
          case CSV -> CsvReport.of(report);
          case SARIF, JUNIT, GITHUB ->
              pipeline(
                  form,
                  "selvage prove diff",
                  List.of("SLV9420", "SLV9421"),
                  Findings.of(report, base.mesh(), head.mesh()));
          case DOT, MERMAID, SVG ->
              picture(
                  form,
                  graph.get(),
                  "Who can call whom: %s → %s".formatted(base.mesh().name(), head.mesh().name()));
          default ->
              new DiffText(
                      base.mesh(), head.mesh(), SelvageCommand.page(), SelvageCommand.style(spec))
                  .lines(report, took);
        });
  }

  static void print(CommandSpec spec, ProveOutput output, List<CheckedAssertion> checked) {
    Form form = output.of(Form.TEXT, Form.JSON, Form.SARIF, Form.JUNIT, Form.GITHUB, Form.MD);
    lines(
        spec,
        switch (form) {
          case JSON -> json(JsonAnswers.of(checked));
          case MD -> MarkdownReport.of(checked);
          case SARIF, JUNIT, GITHUB ->
              pipeline(
                  form,
                  "selvage prove check",
                  checked.stream().map(one -> one.assertion().id()).toList(),
                  Findings.of(checked));
          default ->
              new CheckText(SelvageCommand.page(), SelvageCommand.style(spec)).lines(checked);
        });
  }

  static void print(CommandSpec spec, ProveOutput output, Side side, LintReport report) {
    Form form = output.of(Form.TEXT, Form.JSON, Form.SARIF, Form.JUNIT, Form.GITHUB, Form.MD);
    lines(
        spec,
        switch (form) {
          case JSON -> json(JsonAnswers.of(report, side.mesh()));
          case MD -> MarkdownReport.of(report);
          case SARIF, JUNIT, GITHUB ->
              pipeline(
                  form,
                  "selvage prove lint",
                  Arrays.stream(LintFinding.Kind.values()).map(Findings::code).toList(),
                  Findings.of(report, side.mesh()));
          default ->
              new LintText(side.mesh(), SelvageCommand.page(), SelvageCommand.style(spec))
                  .lines(report);
        });
  }

  static void print(
      CommandSpec spec,
      ProveOutput output,
      Side side,
      Place place,
      SampleRequest request,
      Traced traced) {
    lines(
        spec,
        output.of(Form.TEXT, Form.JSON) == Form.JSON
            ? json(JsonAnswers.of(place, request, traced, side.mesh()))
            : new ExplainText(side.mesh(), SelvageCommand.page(), SelvageCommand.style(spec))
                .lines(place, request, traced));
  }

  private static List<String> json(JsonNode answer) {
    return List.of(answer.toPrettyString());
  }

  private static List<String> picture(Form form, TrafficGraph graph, String title) {
    return switch (form) {
      case DOT -> GraphText.dot(graph);
      case MERMAID -> GraphText.mermaid(graph);
      default -> List.of(SvgPicture.of(graph, title).stripTrailing());
    };
  }

  private static List<String> pipeline(
      Form form, String suite, List<String> cases, List<Finding> findings) {
    return switch (form) {
      case SARIF -> json(Sarif.of(findings, InstalledVersion.own()));
      case JUNIT -> List.of(Junit.of(suite, cases, findings).stripTrailing());
      default -> GithubAnnotations.of(findings);
    };
  }

  private static void lines(CommandSpec spec, List<String> lines) {
    lines.forEach(line -> SelvageCommand.print(spec, line));
  }
}
