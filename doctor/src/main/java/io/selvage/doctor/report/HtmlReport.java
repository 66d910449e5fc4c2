package io.selvage.doctor.report;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Range;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A diagnosis as one page for a browser, with nothing loaded from anywhere and no script. */
final class HtmlReport {
  private final Diagnosis diagnosis;
  private final StringBuilder page = new StringBuilder();

  private HtmlReport(Diagnosis diagnosis) {
    this.diagnosis = diagnosis;
  }

  static String of(Diagnosis diagnosis) {
    return new HtmlReport(diagnosis).whole();
  }

  private String whole() {
    page.append(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>selvage doctor</title>
        <style>
        """);
    page.append(style()).append("</style>\n</head>\n<body>\n<main>\n");
    head();
    for (Status status : List.of(Status.FAIL, Status.WARN)) {
      diagnosis.findings().stream()
          .filter(finding -> finding.isOpen() && finding.result().status() == status)
          .forEach(this::finding);
    }
    if (diagnosis.open().isEmpty()) {
      element("p", "well", "Nothing that was looked at is broken.");
    }
    rest();
    return page.append("</main>\n</body>\n</html>\n").toString();
  }

  private static String style() {
    try (var in = HtmlReport.class.getResourceAsStream("report.css")) {
      if (in == null) {
        throw new IllegalStateException("report.css is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void head() {
    element("h1", "", "selvage doctor");
    page.append("<p class=\"counts\">");
    count(Status.FAIL, "failed");
    count(Status.WARN, "warnings");
    count(Status.UNKNOWN, "unknown");
    count(Status.SKIP, "skipped");
    count(Status.PASS, "passed");
    page.append("</p>\n<table class=\"clusters\">\n");
    for (Diagnosis.Examined cluster : diagnosis.clusters()) {
      page.append("<tr><th>")
          .append(text(cluster.context()))
          .append("</th><td>")
          .append(text(Shown.mesh(cluster)))
          .append("</td><td class=\"faint\">")
          .append(text(cluster.server()))
          .append("</td></tr>\n");
    }
    page.append("</table>\n<p class=\"faint\">Taken ")
        .append(text(diagnosis.taken().toString()))
        .append("</p>\n");
  }

  private void count(Status status, String word) {
    int count = diagnosis.count(status);
    page.append("<span class=\"count ")
        .append(count == 0 ? "none" : JsonReport.status(status))
        .append("\"><b>")
        .append(count)
        .append("</b> ")
        .append(word)
        .append("</span>\n");
  }

  private void finding(Finding finding) {
    Result result = finding.result();
    page.append("<section class=\"finding ")
        .append(JsonReport.status(result.status()))
        .append("\" id=\"")
        .append(text(result.code()))
        .append("\">\n<h2><span class=\"mark\">")
        .append(result.status() == Status.FAIL ? "×" : "!")
        .append("</span> <code>")
        .append(text(result.code()))
        .append("</code> ")
        .append(text(result.summary()))
        .append("</h2>\n<p class=\"faint\">")
        .append(text(Shown.place(result, diagnosis)))
        .append(" · ")
        .append(text(Range.of(result.code()).title()))
        .append(" · ")
        .append(text(Shown.confidence(result.confidence())))
        .append("</p>\n<dl>\n");
    row("since", result.since().map(since -> Shown.since(since, diagnosis.taken())));
    row("effect", result.effect());
    row("cause", result.cause());
    if (!result.objects().isEmpty()) {
      page.append("<dt>objects</dt><dd>");
      result
          .objects()
          .forEach(
              object ->
                  page.append("<span class=\"object\">")
                      .append(text(object.toString()))
                      .append("</span> "));
      page.append("</dd>\n");
    }
    for (Result.Fact fact : result.evidence()) {
      page.append("<dt>seen</dt><dd><code>")
          .append(text(fact.text()))
          .append("</code> <span class=\"faint\">")
          .append(text(fact.source()))
          .append("</span></dd>\n");
    }
    row("next", result.next());
    Shown.command(finding)
        .ifPresent(
            command ->
                page.append("<dt>fix</dt><dd><code class=\"command\">")
                    .append(text(command))
                    .append("</code></dd>\n"));
    for (Finding below : finding.explains()) {
      row("explains", Optional.of(below.result().code() + ": " + below.result().summary()));
    }
    page.append("</dl>\n</section>\n");
  }

  private void row(String name, Optional<String> text) {
    text.ifPresent(
        value ->
            page.append("<dt>")
                .append(name)
                .append("</dt><dd>")
                .append(text(value))
                .append("</dd>\n"));
  }

  /** All the others, folded. */
  private void rest() {
    group("Not seen", "?", finding -> finding.result().status() == Status.UNKNOWN);
    group("Ignored", "–", finding -> finding.ignored().isPresent());
    group("Passed", "√", finding -> finding.result().status() == Status.PASS);
    group("Skipped", "–", finding -> finding.result().status() == Status.SKIP);
  }

  private void group(String title, String mark, Predicate<Finding> which) {
    var findings = diagnosis.all().stream().filter(which).toList();
    if (findings.isEmpty()) {
      return;
    }
    page.append("<details")
        .append(title.equals("Not seen") ? " open" : "")
        .append("><summary>")
        .append(mark)
        .append(' ')
        .append(title)
        .append(" (")
        .append(findings.size())
        .append(")</summary>\n<table>\n");
    for (Finding finding : findings) {
      page.append("<tr><td><code>")
          .append(text(finding.result().code()))
          .append("</code></td><td>")
          .append(text(Shown.place(finding.result(), diagnosis)))
          .append("</td><td>")
          .append(text(finding.result().summary()))
          .append(
              finding
                  .ignored()
                  .map(entry -> " <i>" + text(entry.reason()) + ", until " + entry.until() + "</i>")
                  .orElse(""))
          .append("</td></tr>\n");
    }
    page.append("</table>\n</details>\n");
  }

  private void element(String name, String kind, String text) {
    page.append('<').append(name);
    if (!kind.isEmpty()) {
      page.append(" class=\"").append(kind).append('"');
    }
    page.append('>').append(text(text)).append("</").append(name).append(">\n");
  }

  private static String text(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
