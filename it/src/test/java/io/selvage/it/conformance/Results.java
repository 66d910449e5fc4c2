package io.selvage.it.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What subjects answered, a file for each below {@code target/conformance/results}: they are asked
 * in processes and at times of their own, and the report is made of what is there.
 */
final class Results {
  private static final JsonMapper JSON = JsonMapper.shared();

  private Results() {}

  /** Where everything about a run goes. */
  static Path folder() {
    return Path.of("target", "conformance");
  }

  private static Path file(SubjectName subject) {
    return folder().resolve("results").resolve(subject + ".json");
  }

  /** Keeps one subject's answers in place of those before. */
  static void write(SubjectName subject, List<Trial> trials) throws IOException {
    ObjectNode all = JSON.createObjectNode();
    for (Trial trial : trials) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("result", trial.result().name());
      trial.got().ifPresent(got -> entry.put("got", got.toString()));
      entry.put("micros", trial.took().toNanos() / 1000);
      if (!trial.faults().isEmpty()) {
        entry.put("faults", trial.faults());
      }
      trial
          .unasked()
          .or(
              () ->
                  Optional.ofNullable(trial.one().differs().get(subject)).map(Case.Difference::why))
          .ifPresent(why -> entry.put("why", why));
      all.set(trial.set().nameOf(trial.one()), JSON.valueToTree(entry));
    }
    Files.createDirectories(file(subject).getParent());
    Files.writeString(file(subject), JSON.writeValueAsString(all));
  }

  /** A subject's answers by case; none when it was not asked. */
  static JsonNode of(SubjectName subject) throws IOException {
    return Files.exists(file(subject))
        ? JSON.readTree(Files.readString(file(subject)))
        : JSON.createObjectNode();
  }
}
