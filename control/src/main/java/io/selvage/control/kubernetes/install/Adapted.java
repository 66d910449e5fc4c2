package io.selvage.control.kubernetes.install;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What of an object is applied onto one that is there already. */
final class Adapted {
  private Adapted() {}

  static ManifestObject to(ManifestObject object, ObjectNode live) {
    return switch (object.kind()) {
      case NAMESPACE -> ManifestObject.isOurs(live) ? object : withoutOurLabel(object);
      default -> object;
    };
  }

  /** A namespace that was there before stays whoever's it was; it is labelled with its network. */
  private static ManifestObject withoutOurLabel(ManifestObject object) {
    ObjectNode content = object.content().deepCopy();
    JsonNode labels = content.path("metadata").path("labels");
    ((ObjectNode) labels).remove(ManifestObject.LABEL);
    return object.with(content);
  }
}
