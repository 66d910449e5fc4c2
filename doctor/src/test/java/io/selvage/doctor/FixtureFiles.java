package io.selvage.doctor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The files that fixtures are made from, with their names in braces filled in. */
final class FixtureFiles {
  private static final JsonMapper JSON = JsonMapper.shared();

  private FixtureFiles() {}

  /** The objects of a YAML file. */
  static List<ObjectNode> objects(String file, Map<String, String> values) {
    return yaml(filled(text(file), values));
  }

  /** The objects of a YAML text. */
  static List<ObjectNode> yaml(String text) {
    var found = new ArrayList<ObjectNode>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(text)) {
      if (document != null) {
        found.add((ObjectNode) JSON.<JsonNode>valueToTree(document));
      }
    }
    return found;
  }

  /** A JSON file; values are put in as they are. */
  static ObjectNode json(String file, Map<String, String> values) {
    return (ObjectNode) JSON.readTree(filled(text(file), values));
  }

  /** A file as it is. */
  static String text(String file) {
    try (var in = FixtureFiles.class.getResourceAsStream("fixtures/" + file)) {
      if (in == null) {
        throw new IllegalArgumentException("no fixture " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String filled(String text, Map<String, String> values) {
    String filled = text;
    for (var value : values.entrySet()) {
      filled = filled.replace("{" + value.getKey() + "}", value.getValue());
    }
    return filled;
  }
}
