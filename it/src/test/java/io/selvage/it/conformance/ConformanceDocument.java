package io.selvage.it.conformance;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The parts of {@code docs/conformance.md} that follow from the cases. */
final class ConformanceDocument {
  private static final int NAMED = 4;

  private final List<CaseSet> sets;

  private ConformanceDocument(List<CaseSet> sets) {
    this.sets = sets;
  }

  /** The document with both parts as they should be. */
  static String current(String document, List<CaseSet> sets) {
    var parts = new ConformanceDocument(sets);
    return with(with(document, "counts", parts.counts()), "exceptions", parts.exceptions());
  }

  private static String with(String document, String part, String text) {
    String begin = "<!-- " + part + " -->\n";
    String end = "<!-- /" + part + " -->";
    int from = document.indexOf(begin);
    int to = document.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalArgumentException("the document has no place for the " + part);
    }
    return document.substring(0, from + begin.length()) + text + document.substring(to);
  }

  private String counts() {
    Map<String, int[]> areas = new TreeMap<>();
    for (CaseSet set : sets) {
      int[] counts = areas.computeIfAbsent(set.area(), _ -> new int[2]);
      counts[0]++;
      counts[1] += set.cases().size();
    }
    var table = new StringBuilder("| area | sets | cases |\n|---|---:|---:|\n");
    areas.forEach((area, counts) -> row(table, area, counts[0], counts[1]));
    row(table, "all", sets.size(), sets.stream().mapToInt(set -> set.cases().size()).sum());
    return table.toString();
  }

  private static void row(StringBuilder table, String area, int sets, int cases) {
    table.append("| %s | %d | %d |%n".formatted(area, sets, cases));
  }

  private record Reason(SubjectName subject, String answer, String why) {}

  /** Those with one reason are one row. */
  private String exceptions() {
    Map<Reason, List<String>> all = new LinkedHashMap<>();
    for (SubjectName subject : SubjectName.values()) {
      for (CaseSet set : sets) {
        for (Case one : set.cases()) {
          add(all, subject, set, one);
        }
      }
    }
    var table = new StringBuilder("| subject | answers | cases | why |\n|---|---|---|---|\n");
    all.forEach(
        (exception, cases) ->
            table.append(
                "| `%s` | %s | %s | %s |%n"
                    .formatted(
                        exception.subject(),
                        cell(exception.answer()),
                        named(cases),
                        cell(exception.why()))));
    return table.toString();
  }

  private static void add(
      Map<Reason, List<String>> all, SubjectName subject, CaseSet set, Case one) {
    String unsaid = one.unsaid().getOrDefault(subject, set.unsaid().getOrDefault(subject, ""));
    Case.Difference difference = one.differs().get(subject);
    if (!unsaid.isEmpty()) {
      all.computeIfAbsent(new Reason(subject, "not asked", unsaid), _ -> new ArrayList<>())
          .add(set.nameOf(one));
    } else if (difference != null) {
      all.computeIfAbsent(
              new Reason(
                  subject, one.expectOf(subject).toString(), String.valueOf(difference.why())),
              _ -> new ArrayList<>())
          .add(set.nameOf(one));
    }
  }

  private static String named(List<String> cases) {
    String first =
        cases.stream().limit(NAMED).map(name -> "`" + name + "`").collect(Collectors.joining(", "));
    return cases.size() > NAMED ? first + " and %d more".formatted(cases.size() - NAMED) : first;
  }

  private static String cell(String text) {
    return text.replace("|", "\\|").replace("\n", " ");
  }
}
