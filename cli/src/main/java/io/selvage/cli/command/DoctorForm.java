package io.selvage.cli.command;

import io.selvage.doctor.report.ReportForm;
import java.util.Optional;

/** {@code selvage doctor -o}. */
enum DoctorForm {
  TEXT,
  WIDE,
  JSON,
  YAML,
  SARIF,
  JUNIT,
  HTML,
  MARKDOWN,
  NAME;

  /** The form that is not for terminals; empty for those that are. */
  Optional<ReportForm> forPrograms() {
    return switch (this) {
      case TEXT, WIDE -> Optional.empty();
      case JSON -> Optional.of(ReportForm.JSON);
      case YAML -> Optional.of(ReportForm.YAML);
      case SARIF -> Optional.of(ReportForm.SARIF);
      case JUNIT -> Optional.of(ReportForm.JUNIT);
      case HTML -> Optional.of(ReportForm.HTML);
      case MARKDOWN -> Optional.of(ReportForm.MARKDOWN);
      case NAME -> Optional.of(ReportForm.NAME);
    };
  }
}
