package io.selvage.doctor.report;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import java.util.List;

/**
 * A diagnosis for an issue or a chat: what is open, with its evidence; the rest in one line each.
 */
final class MarkdownReport {
  private MarkdownReport() {}

  static String of(Diagnosis diagnosis) {
    var page = new StringBuilder("# selvage doctor\n\n");
    page.append(Shown.counts(diagnosis))
        .append(". Taken ")
        .append(diagnosis.taken())
        .append(".\n\n");
    diagnosis
        .clusters()
        .forEach(
            cluster ->
                page.append("- **")
                    .append(text(cluster.context()))
                    .append("**: ")
                    .append(text(Shown.mesh(cluster)))
                    .append('\n'));
    for (Status status : List.of(Status.FAIL, Status.WARN)) {
      diagnosis.findings().stream()
          .filter(finding -> finding.isOpen() && finding.result().status() == status)
          .forEach(finding -> finding(finding, diagnosis, page));
    }
    unseen(diagnosis, page);
    ignored(diagnosis, page);
    return page.toString();
  }

  private static void finding(Finding finding, Diagnosis diagnosis, StringBuilder page) {
    Result result = finding.result();
    page.append("\n## ")
        .append(result.status() == Status.FAIL ? "× " : "! ")
        .append(result.code())
        .append(" in ")
        .append(text(Shown.place(result, diagnosis)))
        .append(": ")
        .append(text(result.summary()))
        .append("\n\n");
    result.since().ifPresent(since -> row("since", Shown.since(since, diagnosis.taken()), page));
    result.effect().ifPresent(effect -> row("effect", effect, page));
    result.cause().ifPresent(cause -> row("cause", cause, page));
    result.objects().forEach(object -> row("object", object.toString(), page));
    result
        .evidence()
        .forEach(
            fact ->
                page.append("- seen: ")
                    .append(code(fact.text()))
                    .append(" (")
                    .append(text(fact.source()))
                    .append(")\n"));
    result.next().ifPresent(next -> row("next", next, page));
    Shown.command(finding)
        .ifPresent(command -> page.append("- fix: ").append(code(command)).append('\n'));
    finding
        .explains()
        .forEach(
            below ->
                row("explains", below.result().code() + ": " + below.result().summary(), page));
  }

  private static void unseen(Diagnosis diagnosis, StringBuilder page) {
    var unknown =
        diagnosis.all().stream()
            .filter(finding -> finding.result().status() == Status.UNKNOWN)
            .toList();
    if (!unknown.isEmpty()) {
      page.append("\n## ? Not seen\n\n");
      for (Finding finding : unknown) {
        page.append("- ")
            .append(finding.result().code())
            .append(" in ")
            .append(text(Shown.place(finding.result(), diagnosis)))
            .append(": ")
            .append(text(finding.result().summary()))
            .append('\n');
      }
    }
  }

  private static void ignored(Diagnosis diagnosis, StringBuilder page) {
    var ignored =
        diagnosis.all().stream().filter(finding -> finding.ignored().isPresent()).toList();
    if (!ignored.isEmpty() || !diagnosis.expired().isEmpty()) {
      page.append("\n## Ignored\n\n");
    }
    for (Finding finding : ignored) {
      finding
          .ignored()
          .ifPresent(
              entry ->
                  row(
                      finding.result().code(),
                      "%s (until %s)".formatted(entry.reason(), entry.until()),
                      page));
    }
    diagnosis
        .expired()
        .forEach(
            entry ->
                row(
                    entry.code(),
                    "expired on %s, %s: %s"
                        .formatted(entry.until(), entry.source(), entry.reason()),
                    page));
  }

  private static void row(String name, String text, StringBuilder page) {
    page.append("- ").append(name).append(": ").append(text(text)).append('\n');
  }

  /** Nothing in {@code text} is taken for markup. */
  private static String text(String text) {
    return text.replaceAll("([\\\\`*_\\[\\]<>#|~])", "\\\\$1").replaceAll("\\s+", " ");
  }

  private static String code(String text) {
    String plain = text.replaceAll("\\s+", " ");
    String fence = plain.contains("`") ? "``" : "`";
    return fence + (fence.length() > 1 ? " " + plain.replace("``", "''") + " " : plain) + fence;
  }
}
