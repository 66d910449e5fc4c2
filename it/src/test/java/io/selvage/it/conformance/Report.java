package io.selvage.it.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The report of the subjects' last answers: one page that needs nothing else ({@code index.html}),
 * and the counts by area and subject ({@code summary.json}).
 */
final class Report {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String PLACE = "@DATA@";

  private final List<CaseSet> sets;
  private final Map<SubjectName, JsonNode> answers = new EnumMap<>(SubjectName.class);

  private Report(List<CaseSet> sets) throws IOException {
    this.sets = sets;
    for (SubjectName subject : SubjectName.values()) {
      answers.put(subject, Results.of(subject));
    }
  }

  /** Writes it anew; says where it is. */
  static Path write(List<CaseSet> sets) throws IOException {
    var report = new Report(sets);
    Path folder = Files.createDirectories(Results.folder());
    Files.writeString(
        folder.resolve("summary.json"),
        JSON.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report.summary())
            + "\n");
    Path page = folder.resolve("index.html");
    Files.writeString(page, template().replace(PLACE, report.data()));
    return page;
  }

  private static String template() throws IOException {
    try (InputStream in = Report.class.getResourceAsStream("report.html")) {
      return new String(
          Objects.requireNonNull(in, "report.html").readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Within a script element, nothing may end it. */
  private String data() {
    ObjectNode data = JSON.createObjectNode();
    data.set("subjects", JSON.valueToTree(SubjectName.values()));
    var all = data.putArray("sets");
    for (CaseSet set : sets) {
      ObjectNode node = all.addObject();
      node.put("name", set.name())
          .put("area", set.area())
          .put("title", set.title())
          .put("follows", set.follows())
          .set("mesh", set.mesh());
      node.set("resources", JSON.valueToTree(set.resources()));
      var cases = node.putArray("cases");
      for (Case one : set.cases()) {
        ObjectNode each = JSON.valueToTree(one);
        ObjectNode results = each.putObject("results");
        answers.forEach(
            (subject, got) -> {
              JsonNode answer = got.get(set.nameOf(one));
              if (answer != null) {
                results.set(subject.toString(), answer);
              }
            });
        cases.add(each);
      }
    }
    return JSON.writeValueAsString(data).replace("<", "\\u003c");
  }

  /** Area, subject, result: how many. */
  private Map<String, Map<String, Map<String, Integer>>> summary() {
    Map<String, Map<String, Map<String, Integer>>> counts = new TreeMap<>();
    for (CaseSet set : sets) {
      for (Case one : set.cases()) {
        answers.forEach(
            (subject, got) -> {
              JsonNode answer = got.get(set.nameOf(one));
              if (answer != null) {
                counts
                    .computeIfAbsent(set.area(), _ -> new TreeMap<>())
                    .computeIfAbsent(subject.toString(), _ -> new TreeMap<>())
                    .merge(answer.get("result").asString(), 1, Integer::sum);
              }
            });
      }
    }
    return counts;
  }
}
