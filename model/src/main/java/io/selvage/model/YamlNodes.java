package io.selvage.model;

import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** What a YAML node is, for decisions and in words. */
final class YamlNodes {
  private YamlNodes() {}

  /** Whether nothing is written, or {@code null}. */
  static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  /** With its article, as the end of "must be a string, not ...". */
  static String describe(Node node) {
    if (node instanceof SequenceNode) {
      return "a list";
    }
    if (node instanceof MappingNode) {
      return "an object";
    }
    Tag tag = node.getTag();
    if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
      return "a number";
    }
    if (tag.equals(Tag.BOOL)) {
      return "true or false";
    }
    return isNull(node) ? "nothing" : tag.equals(Tag.STR) ? "a string" : tag.toString();
  }
}
