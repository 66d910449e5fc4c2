package io.selvage.cli.command;

import io.selvage.cli.terminal.Page;
import io.selvage.cli.terminal.Style;
import io.selvage.control.kubernetes.install.Change;
import io.selvage.control.kubernetes.install.FieldDiff;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A plan as it is printed: a line for each object, and below it what of it changes. */
final class PlanPage {
  private static final int LONGEST_VALUE = 60;
  private static final String INDENT = " ".repeat(13);

  private final Style style;
  private final Page page;
  private final List<String> lines = new ArrayList<>();

  private PlanPage(Style style, Page page) {
    this.style = style;
    this.page = page;
  }

  /** Its lines; the last sums it up. */
  static List<String> lines(List<Change> plan, Style style, Page page) {
    PlanPage printed = new PlanPage(style, page);
    plan.forEach(printed::line);
    printed.lines.add("  " + sum(plan));
    return printed.lines;
  }

  private void line(Change change) {
    switch (change) {
      case Change.Create create -> lines.add(row("create", create));
      case Change.Update update -> {
        lines.add(row("change", update));
        fields(update.fields());
      }
      case Change.Conflict conflict -> {
        lines.add(row("conflict", conflict));
        fields(conflict.fields());
        conflict.owners().forEach(owner -> wrapped(style.faint("owned by others: "), owner));
      }
      case Change.Delete delete -> lines.add(row("delete", delete));
      case Change.Refused refused -> {
        lines.add(row("refused", refused));
        wrapped("", refused.why());
      }
      case Change.LeftAlone left -> lines.add(row("left", left) + style.faint("  " + left.why()));
      case Change.Unchanged _ -> {}
    }
  }

  private static String row(String verb, Change change) {
    return "  %-10s %s".formatted(verb, change.object());
  }

  private void fields(List<FieldDiff> fields) {
    for (FieldDiff field : fields) {
      lines.addAll(page.wrapped(INDENT, INDENT.length() + 2, field.path() + ":"));
      field.before().ifPresent(before -> lines.add(INDENT + "  - " + shortened(before)));
      field.after().ifPresent(after -> lines.add(INDENT + "  + " + shortened(after)));
    }
  }

  private void wrapped(String first, String text) {
    lines.addAll(page.wrapped(INDENT + first, INDENT.length(), text));
  }

  private static String shortened(String value) {
    return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE - 1) + "…";
  }

  /** Such as {@code 3 to create, 1 to change, 20 unchanged}. */
  private static String sum(List<Change> plan) {
    return Stream.of(
            count(plan, Change.Create.class, "to create"),
            count(plan, Change.Update.class, "to change"),
            count(plan, Change.Delete.class, "to delete"),
            count(plan, Change.Conflict.class, "in conflict"),
            count(plan, Change.Refused.class, "refused"),
            count(plan, Change.Unchanged.class, "unchanged"),
            count(plan, Change.LeftAlone.class, "left alone"))
        .flatMap(List::stream)
        .reduce((a, b) -> a + ", " + b)
        .orElse("nothing to do");
  }

  private static List<String> count(List<Change> plan, Class<? extends Change> kind, String what) {
    long count = plan.stream().filter(kind::isInstance).count();
    return count == 0 ? List.of() : List.of(count + " " + what);
  }
}
