package io.selvage.model;

import java.util.Optional;

/**
 * Something wrong, or worth knowing, in the configuration that a user wrote.
 *
 * @param code stable, {@code SLV} and four digits; see {@link ProblemCodes}
 * @param field the path of the field from the document's top, such as {@code
 *     spec.rules[0].from[1].source.principals[0]}; empty when the whole document is meant
 * @param message says what is wrong and what would be right, without the location
 * @param suggestion the word that the user probably meant
 */
public record Problem(
    Severity severity,
    String code,
    SourceLocation at,
    String field,
    String message,
    Optional<String> suggestion) {

  /** What follows from a problem. */
  public enum Severity {
    /** The resource is refused as a whole; the last good one stays in force. */
    ERROR,
    /** The resource is accepted, but does something other than its author may think. */
    WARNING,
    /** The document was left alone. */
    NOTICE
  }

  public static Problem error(String code, SourceLocation at, String field, String message) {
    return new Problem(Severity.ERROR, code, at, field, message, Optional.empty());
  }

  public static Problem warning(String code, SourceLocation at, String field, String message) {
    return new Problem(Severity.WARNING, code, at, field, message, Optional.empty());
  }

  public static Problem notice(String code, SourceLocation at, String field, String message) {
    return new Problem(Severity.NOTICE, code, at, field, message, Optional.empty());
  }

  public Problem suggesting(Optional<String> word) {
    return new Problem(severity, code, at, field, message, word);
  }

  /** The same where it does not refuse what it is part of. */
  Problem asWarning() {
    return isError() ? new Problem(Severity.WARNING, code, at, field, message, suggestion) : this;
  }

  /** The same at another place. */
  Problem at(SourceLocation other) {
    return new Problem(severity, code, other, field, message, suggestion);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** {@code file:line: field: message; did you mean "x"?}, without the code. */
  public String render() {
    StringBuilder text = new StringBuilder().append(at).append(": ");
    if (!field.isEmpty()) {
      text.append(field).append(": ");
    }
    text.append(message);
    suggestion.ifPresent(word -> text.append("; did you mean \"").append(word).append("\"?"));
    return text.toString();
  }

  @Override
  public String toString() {
    return severity + " " + code + " " + render();
  }
}
