package io.selvage.it.istiod;

import java.util.List;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Kubernetes objects as text, YAML or JSON. */
public final class Manifest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int LARGEST = 16 << 20;

  private Manifest() {}

  /** The objects of a text of one or more documents; empty documents are none. */
  public static List<JsonNode> read(String text) {
    var load = new Load(LoadSettings.builder().setCodePointLimit(LARGEST).build());
    return StreamSupport.stream(load.loadAllFromString(text).spliterator(), false)
        .filter(document -> document != null)
        .<JsonNode>map(JSON::valueToTree)
        .toList();
  }

  /** {@code kind/namespace/name}, with an empty namespace where there is none. */
  public static String id(JsonNode object) {
    return String.join(
        "/",
        object.path("kind").asString(),
        object.path("metadata").path("namespace").asString(""),
        object.path("metadata").path("name").asString());
  }
}
