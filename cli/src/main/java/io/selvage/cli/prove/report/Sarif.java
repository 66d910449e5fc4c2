package io.selvage.cli.prove.report;

import io.selvage.cli.prove.report.Finding.Related;
import io.selvage.model.SourceLocation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** SARIF 2.1.0, as code scanning takes it. */
public final class Sarif {
  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  private static final String PAGES = "https://selvage.dev/errors/";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Sarif() {}

  /**
   * One run.
   *
   * @param version Selvage's
   */
  public static JsonNode of(List<Finding> findings, String version) {
    ObjectNode log = JSON.objectNode();
    log.put("$schema", SCHEMA);
    log.put("version", "2.1.0");
    ObjectNode run = log.putArray("runs").addObject();
    ObjectNode driver = run.putObject("tool").putObject("driver");
    driver.put("name", "selvage prove").put("version", version);
    Map<String, Integer> rules = new LinkedHashMap<>();
    ArrayNode described = driver.putArray("rules");
    ArrayNode results = run.putArray("results");
    for (Finding finding : findings) {
      int index =
          rules.computeIfAbsent(
              finding.rule(),
              rule -> {
                rule(described.addObject(), finding);
                return described.size() - 1;
              });
      result(results.addObject(), finding, index);
    }
    run.put("columnKind", "utf16CodeUnits");
    return log;
  }

  private static void rule(ObjectNode rule, Finding finding) {
    rule.put("id", finding.rule());
    rule.putObject("shortDescription").put("text", finding.title());
    rule.put("helpUri", PAGES + finding.code());
    rule.putObject("defaultConfiguration").put("level", level(finding));
  }

  private static void result(ObjectNode result, Finding finding, int rule) {
    result.put("ruleId", finding.rule()).put("ruleIndex", rule).put("level", level(finding));
    result.putObject("message").put("text", finding.text());
    location(result.putArray("locations").addObject(), finding.at());
    if (!finding.related().isEmpty()) {
      ArrayNode related = result.putArray("relatedLocations");
      int id = 0;
      for (Related one : finding.related()) {
        ObjectNode location = related.addObject().put("id", id++);
        location(location, one.at());
        location.putObject("message").put("text", one.text());
      }
    }
    result.putObject("partialFingerprints").put("selvageProve/v1", finding.fingerprint());
  }

  /** What has a line is in a file; what has none is an object of a cluster. */
  private static void location(ObjectNode location, SourceLocation at) {
    if (at.line() > 0) {
      ObjectNode place = location.putObject("physicalLocation");
      place.putObject("artifactLocation").put("uri", uri(at.source()));
      ObjectNode region = place.putObject("region").put("startLine", at.line());
      if (at.column() > 0) {
        region.put("startColumn", at.column());
      }
    } else {
      location
          .putArray("logicalLocations")
          .addObject()
          .put("fullyQualifiedName", at.source())
          .put("kind", "resource");
    }
  }

  /** A git reference before a path is no part of the file's name. */
  static String uri(String source) {
    int colon = source.indexOf(':');
    String path = colon < 0 ? source : source.substring(colon + 1);
    String plain = path.startsWith("./") ? path.substring(2) : path;
    return plain.replace('\\', '/').replace("%", "%25").replace(" ", "%20");
  }

  private static String level(Finding finding) {
    return finding.level().name().toLowerCase(Locale.ROOT);
  }
}
