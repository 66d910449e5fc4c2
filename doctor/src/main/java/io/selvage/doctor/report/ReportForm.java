package io.selvage.doctor.report;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.conversation.Walk;

/** The forms of report that programs and browsers read. */
public enum ReportForm {
  JSON,
  YAML,
  SARIF,
  JUNIT,
  HTML,
  MARKDOWN,
  /** Codes that are open, one a line. */
  NAME;

  /**
   * The whole report, ending with a line end.
   *
   * @param version of this Selvage
   */
  public String render(Diagnosis diagnosis, String version) {
    return switch (this) {
      case JSON -> JsonReport.of(diagnosis).toPrettyString() + "\n";
      case YAML -> YamlReport.of(JsonReport.of(diagnosis));
      case SARIF -> SarifReport.of(diagnosis, version).toPrettyString() + "\n";
      case JUNIT -> JunitReport.of(diagnosis);
      case HTML -> HtmlReport.of(diagnosis);
      case MARKDOWN -> MarkdownReport.of(diagnosis);
      case NAME -> diagnosis.open().stream().map(code -> code + "\n").reduce("", String::concat);
    };
  }

  /** The same with the conversation that was asked about, in the forms that have room for it. */
  public String render(Diagnosis diagnosis, Walk walk, String version) {
    return switch (this) {
      case JSON -> JsonReport.of(diagnosis, walk).toPrettyString() + "\n";
      case YAML -> YamlReport.of(JsonReport.of(diagnosis, walk));
      case SARIF, JUNIT, HTML, MARKDOWN, NAME -> render(diagnosis, version);
    };
  }
}
