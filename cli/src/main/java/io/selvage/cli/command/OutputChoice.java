package io.selvage.cli.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code -o}: for people or for programs. */
final class OutputChoice {

  /** The forms of output. */
  enum Form {
    TABLE,
    JSON,
    YAML
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      description = "table (default), json or yaml.")
  private Form form = Form.TABLE;

  boolean forPrograms() {
    return form != Form.TABLE;
  }

  /** {@code answer} in the form that was asked for, without a line end. */
  String rendered(JsonNode answer) {
    return form == Form.YAML ? yaml(answer) : answer.toPrettyString();
  }

  private static String yaml(JsonNode answer) {
    var settings = DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
    return new Dump(settings).dumpToString(plain(answer)).stripTrailing();
  }

  private static Object plain(JsonNode node) {
    if (node.isObject()) {
      Map<String, Object> map = new LinkedHashMap<>();
      node.properties().forEach(field -> map.put(field.getKey(), plain(field.getValue())));
      return map;
    }
    if (node.isArray()) {
      List<Object> list = new ArrayList<>();
      node.forEach(item -> list.add(plain(item)));
      return list;
    }
    return node.isIntegralNumber()
        ? node.asLong()
        : node.isBoolean() ? node.asBoolean() : node.asString();
  }
}
