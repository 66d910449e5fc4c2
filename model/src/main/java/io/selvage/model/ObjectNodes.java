package io.selvage.model;

import io.selvage.model.LimitedParser.LimitExceeded;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** The nodes that a parser would make of a tree's JSON, within the same limits. */
final class ObjectNodes {
  private int nodes;
  private long characters;

  private ObjectNodes() {}

  /**
   * The tree's root.
   *
   * @throws LimitExceeded beyond what a document may be
   */
  static Node of(Map<String, ?> tree) {
    return new ObjectNodes().node(tree, 1);
  }

  private Node node(@Nullable Object value, int depth) {
    if (++nodes > YamlDocuments.MAX_NODES) {
      throw new LimitExceeded(0, "more than " + YamlDocuments.MAX_NODES + " values");
    }
    return switch (value) {
      case null -> scalar(Tag.NULL, "null");
      case String text -> scalar(Tag.STR, text);
      case Boolean flag -> scalar(Tag.BOOL, flag.toString());
      case Integer number -> scalar(Tag.INT, number.toString());
      case Long number -> scalar(Tag.INT, number.toString());
      case BigInteger number -> scalar(Tag.INT, number.toString());
      case Number number -> scalar(Tag.FLOAT, number.toString());
      case Map<?, ?> map -> mapping(map, deeper(depth));
      case List<?> list -> sequence(list, deeper(depth));
      default -> throw new IllegalArgumentException("nothing of JSON: " + value.getClass());
    };
  }

  private static int deeper(int depth) {
    if (depth > LimitedParser.MAX_DEPTH) {
      throw new LimitExceeded(0, "nested more than " + LimitedParser.MAX_DEPTH + " levels deep");
    }
    return depth + 1;
  }

  private Node mapping(Map<?, ?> map, int depth) {
    List<NodeTuple> tuples = new ArrayList<>(map.size());
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      tuples.add(
          new NodeTuple(
              scalar(Tag.STR, String.valueOf(entry.getKey())), node(entry.getValue(), depth)));
    }
    return new MappingNode(Tag.MAP, tuples, FlowStyle.FLOW);
  }

  private Node sequence(List<?> list, int depth) {
    List<Node> elements = new ArrayList<>(list.size());
    for (Object element : list) {
      elements.add(node(element, depth));
    }
    return new SequenceNode(Tag.SEQ, elements, FlowStyle.FLOW);
  }

  private Node scalar(Tag tag, String value) {
    characters += value.length();
    if (characters > YamlDocuments.MAX_DOCUMENT) {
      throw new LimitExceeded(0, "longer than " + YamlDocuments.MAX_DOCUMENT + " characters");
    }
    ScalarStyle style = tag.equals(Tag.STR) ? ScalarStyle.DOUBLE_QUOTED : ScalarStyle.PLAIN;
    return new ScalarNode(tag, value, style);
  }
}
