package io.selvage.doctor.evidence;

import io.selvage.doctor.ObjectRef;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An object of an API, as it was read: JSON with {@code apiVersion}, {@code kind} and {@code
 * metadata}. Private keys and tokens have been taken out before ({@code [redacted]}).
 */
public record ApiObject(ObjectNode json) {
  public String kind() {
    return json.path("kind").asString("");
  }

  public String apiVersion() {
    return json.path("apiVersion").asString("");
  }

  /** Empty for an object of the whole cluster. */
  public String namespace() {
    return json.at("/metadata/namespace").asString("");
  }

  public String name() {
    return json.at("/metadata/name").asString("");
  }

  public ObjectRef ref() {
    return new ObjectRef(kind(), namespace(), name());
  }

  public Map<String, String> labels() {
    return texts("/metadata/labels");
  }

  public Map<String, String> annotations() {
    return texts("/metadata/annotations");
  }

  private Map<String, String> texts(String pointer) {
    Map<String, String> found = new LinkedHashMap<>();
    json.at(pointer)
        .properties()
        .forEach(entry -> found.put(entry.getKey(), entry.getValue().asString("")));
    return found;
  }

  /** What a JSON pointer (RFC 6901) leads to; a missing node when nothing is there. */
  public JsonNode at(String pointer) {
    return json.at(pointer);
  }

  /** The text that a JSON pointer leads to; empty when there is none. */
  public String text(String pointer) {
    return json.at(pointer).asString("");
  }
}
