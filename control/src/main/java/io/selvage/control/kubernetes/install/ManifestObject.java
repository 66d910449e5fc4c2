package io.selvage.control.kubernetes.install;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One object of an installation.
 *
 * @param content as it is applied: only the fields that the installation owns
 * @param kept what becomes of one that is there already
 */
public record ManifestObject(ObjectNode content, Kept kept) {
  /** The label by which an installation knows its objects. */
  static final String LABEL = "app.kubernetes.io/part-of";

  /** Its value. */
  static final String VALUE = "selvage";

  /** What becomes of an object that is there already. */
  public enum Kept {
    /** It is brought into this form. */
    APPLIED,
    /** It is brought into this form if an installation of ours made it, else left as it is. */
    APPLIED_IF_OURS,
    /** It is left as it is: whoever runs the mesh edits it. */
    MADE_ONCE
  }

  public ManifestObject {
    content = content.deepCopy();
  }

  /** {@code content} with the labels by which its objects are known. */
  static ManifestObject labelled(JsonNode content, Kept kept, Map<String, String> more) {
    ObjectNode copy = (ObjectNode) content.deepCopy();
    ObjectNode metadata = (ObjectNode) copy.path("metadata");
    ObjectNode labels = metadata.withObject("/labels");
    labels.put(LABEL, VALUE);
    more.forEach(labels::put);
    return new ManifestObject(copy, kept);
  }

  /** Another form of the same object. */
  ManifestObject with(ObjectNode other) {
    return new ManifestObject(other, kept);
  }

  /** Of what kind it is. */
  public ObjectKind kind() {
    return ObjectKind.of(content.path("apiVersion").asString(), content.path("kind").asString());
  }

  /** Its name. */
  public String name() {
    return content.path("metadata").path("name").asString();
  }

  /** Its namespace; empty when its kind has none. */
  public String namespace() {
    return content.path("metadata").path("namespace").asString("");
  }

  /** Whether {@code live} was made by an installation of ours. */
  static boolean isOurs(JsonNode live) {
    return live.path("metadata").path("labels").path(LABEL).asString("").equals(VALUE);
  }

  /** As {@code kubectl} users write it: kind, namespace and name. */
  @Override
  public String toString() {
    String place = namespace().isEmpty() ? "" : namespace() + "/";
    return "%s %s%s".formatted(kind().kind(), place, name());
  }
}
