package io.selvage.cli.prove.report;

import io.selvage.model.SourceLocation;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.Explanation.RuleReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A rule and its fields in words: the same in every explanation, of a proof or of a denial. */
public final class RuleWords {
  /** Why a request is denied that nothing allows. */
  public static final String NOTHING_MATCHES =
      "ALLOW policies apply, and none of their rules matches";

  private static final int LONGEST = 30;

  private RuleWords() {}

  /**
   * One line of the table of a rule's fields.
   *
   * @param name {@code from.namespaces}
   * @param verdict {@code match}, {@code no match}, {@code unknown}
   * @param place {@code :17}, or a whole location
   * @param hint what is likely meant
   */
  public record Row(
      String name,
      String values,
      String actual,
      String verdict,
      String place,
      Optional<String> hint) {
    /** Of a field of a rule. */
    public static Row of(RuleReport rule, FieldReport field) {
      return new Row(
          nameOf(field),
          field.values().toString(),
          field.actual(),
          field.matches() ? "match" : "no match",
          placeOf(rule, field),
          field.hint());
    }

    /** Of a field of which is not known what the request had. */
    public static Row unknown(RuleReport rule, FieldReport field) {
      return new Row(
          nameOf(field),
          field.values().toString(),
          "not kept",
          "unknown",
          placeOf(rule, field),
          Optional.empty());
    }

    Row marked(String mark) {
      return new Row(name, values, actual, verdict, place + mark, hint);
    }
  }

  /** {@code ALLOW pay/ledger rule 0}. */
  public static String named(RuleReport rule) {
    return named(rule.action(), rule.policy(), rule.rule());
  }

  /** {@code ALLOW pay/ledger rule 0}. */
  public static String named(String action, String policy, int rule) {
    return "%s %s rule %d".formatted(action, policy, rule);
  }

  /** {@code nearest: ALLOW pay/ledger rule 0 ledger.yaml:12}. */
  public static String nearest(RuleReport rule) {
    return "nearest: %s  %s".formatted(named(rule), rule.at());
  }

  /** Why a rule doesn't count on a port. */
  public static String dropped(String why) {
    return "doesn't count: " + why;
  }

  /** The rows in columns, each with its hint below. */
  public static List<String> table(List<Row> rows, String indent) {
    List<List<String>> cells = new ArrayList<>();
    for (Row row : rows) {
      cells.add(
          List.of(row.name(), shortened(row.values()), shortened(row.actual()), row.verdict()));
    }
    int[] widths = new int[4];
    for (List<String> row : cells) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      StringBuilder line = new StringBuilder(indent);
      for (int column = 0; column < widths.length; column++) {
        String cell = cells.get(i).get(column);
        line.append(cell).repeat(' ', widths[column] - cell.length() + 2);
      }
      lines.add(line.append(rows.get(i).place()).toString().stripTrailing());
      rows.get(i).hint().ifPresent(hint -> lines.add(indent + "  (" + hint + ")"));
    }
    return lines;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  /** {@code from.namespaces}, {@code to.notPaths}, {@code when request.headers[x-team]}. */
  private static String nameOf(FieldReport field) {
    String last = field.path().substring(field.path().lastIndexOf('.') + 1);
    if (field.path().startsWith("from")) {
      return "from." + last;
    }
    return field.path().startsWith("to")
        ? "to." + last
        : "when " + field.attribute() + (field.negated() ? " not" : "");
  }

  private static String placeOf(RuleReport rule, FieldReport field) {
    SourceLocation at = field.at();
    return at.source().equals(rule.at().source()) && at.line() > 0
        ? ":" + at.line()
        : at.toString();
  }
}
