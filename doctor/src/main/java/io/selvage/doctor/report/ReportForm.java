package io.selvage.doctor.report;

import io.selvage.doctor.Diagnosis;

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
      case YAML -> YamlReport.of(diagnosis);
      case SARIF -> SarifReport.of(diagnosis, version).toPrettyString() + "\n";
      case JUNIT -> JunitReport.of(diagnosis);
      case HTML -> HtmlReport.of(diagnosis);
      case MARKDOWN -> MarkdownReport.of(diagnosis);
      case NAME -> diagnosis.open().stream().map(code -> code + "\n").reduce("", String::concat);
    };
  }
}
