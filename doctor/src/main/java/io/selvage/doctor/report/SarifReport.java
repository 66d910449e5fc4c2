package io.selvage.doctor.report;

import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.Range;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A diagnosis as SARIF 2.1.0 (OASIS), for code scanning. A rule is a check, a result what fails or
 * warns; what could not be seen is a notification of the run, which was not successful then. An
 * object of a cluster is a logical location, {@code context/namespace/kind/name}.
 */
final class SarifReport {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private SarifReport() {}

  static ObjectNode of(Diagnosis diagnosis, String version) {
    ObjectNode sarif = JSON.createObjectNode();
    sarif.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json").put("version", "2.1.0");
    ObjectNode run = sarif.putArray("runs").addObject();
    ObjectNode driver =
        run.putObject("tool")
            .putObject("driver")
            .put("name", "selvage doctor")
            .put("version", version);
    ArrayNode rules = driver.putArray("rules");
    diagnosis.checks().forEach(check -> rule(check, rules.addObject()));
    ObjectNode invocation =
        run.putArray("invocations")
            .addObject()
            .put("executionSuccessful", diagnosis.count(Status.UNKNOWN) == 0)
            .put("endTimeUtc", diagnosis.taken().toString());
    ArrayNode notes = invocation.putArray("toolExecutionNotifications");
    ArrayNode results = run.putArray("results");
    List<String> codes = diagnosis.checks().stream().map(CheckInfo::code).toList();
    for (Finding finding : diagnosis.all()) {
      switch (finding.result().status()) {
        case FAIL, WARN ->
            result(finding, codes.indexOf(finding.result().code()), diagnosis, results.addObject());
        case UNKNOWN -> unknown(finding.result(), diagnosis, notes.addObject());
        case PASS, SKIP -> {
          // SARIF is about what is to be done
        }
      }
    }
    run.put("columnKind", "utf16CodeUnits");
    return sarif;
  }

  private static void rule(CheckInfo check, ObjectNode to) {
    to.put("id", check.code());
    to.putObject("shortDescription").put("text", check.title());
    to.putObject("fullDescription")
        .put("text", check.title() + " (" + Range.of(check.code()).title() + ")");
    to.putObject("help")
        .put("text", "selvage explain " + check.code())
        .put("markdown", "`selvage explain " + check.code() + "`");
    to.putObject("defaultConfiguration")
        .put("level", check.worst() == Status.FAIL ? "error" : "warning");
    ObjectNode properties = to.putObject("properties");
    properties.putArray("tags").add("security").add("service-mesh");
  }

  private static void result(Finding finding, int rule, Diagnosis diagnosis, ObjectNode to) {
    Result result = finding.result();
    String place = Shown.place(result, diagnosis);
    to.put("ruleId", result.code())
        .put("ruleIndex", rule)
        .put("level", result.status() == Status.FAIL ? "error" : "warning");
    to.putObject("message").put("text", message(result, place));
    ArrayNode locations = to.putArray("locations");
    if (result.objects().isEmpty()) {
      location(place, "", "cluster", locations);
    }
    for (ObjectRef object : result.objects()) {
      location(
          Stream.of(place, object.namespace(), object.kind(), object.name())
              .filter(part -> !part.isEmpty())
              .collect(Collectors.joining("/")),
          object.name(),
          "resource",
          locations);
    }
    to.putObject("partialFingerprints").put("selvageFinding/v1", fingerprint(result, place));
    finding
        .ignored()
        .ifPresent(
            entry ->
                to.putArray("suppressions")
                    .addObject()
                    .put("kind", "external")
                    .put("status", "accepted")
                    .put("justification", entry.reason() + " (until " + entry.until() + ")"));
  }

  private static String message(Result result, String place) {
    return Stream.of(
            Stream.of(place + ": " + result.summary()),
            result.cause().map(cause -> "Cause: " + cause).stream(),
            result.effect().map(effect -> "Effect: " + effect).stream(),
            result.next().map(next -> "Next: " + next).stream())
        .flatMap(part -> part)
        .collect(Collectors.joining("\n"));
  }

  private static void location(String full, String name, String kind, ArrayNode to) {
    ObjectNode logical = to.addObject().putArray("logicalLocations").addObject();
    if (!name.isEmpty()) {
      logical.put("name", name);
    }
    logical.put("fullyQualifiedName", full).put("kind", kind);
  }

  private static void unknown(Result result, Diagnosis diagnosis, ObjectNode to) {
    to.put("level", "warning");
    to.putObject("message").put("text", Shown.place(result, diagnosis) + ": " + result.summary());
    to.putObject("associatedRule").put("id", result.code());
  }

  /**
   * The same as long as the same check finds it at the same objects: texts and times are not in it.
   */
  private static String fingerprint(Result result, String place) {
    String what =
        Stream.concat(
                Stream.of(result.code(), place),
                result.objects().stream().map(ObjectRef::toString).sorted())
            .collect(Collectors.joining("\n"));
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(what.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
