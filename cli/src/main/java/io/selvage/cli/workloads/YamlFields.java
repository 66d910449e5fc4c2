package io.selvage.cli.workloads;

import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeType;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One mapping of a YAML document, read field by field; what is wrong is noted with its place and
 * reading goes on, so that a user sees every mistake at once.
 */
final class YamlFields {

  private final String source;
  private final String path;
  private final Node node;
  private final List<Problem> problems;
  private final Map<String, Node> fields = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();

  YamlFields(String source, String path, Node node, List<Problem> problems) {
    this.source = source;
    this.path = path;
    this.node = node;
    this.problems = problems;
    if (node instanceof MappingNode mapping) {
      for (var entry : mapping.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode key) {
          if (fields.put(key.getValue(), entry.getValueNode()) != null) {
            problem(key, key.getValue(), "is written twice");
          }
          keys.put(key.getValue(), key);
        }
      }
    } else {
      problem(node, "", "must be a mapping, not " + kind(node));
    }
  }

  /** Notes every field other than {@code known}, with the nearest known one. */
  YamlFields only(String... known) {
    var names = new TreeSet<>(List.of(known));
    keys.forEach(
        (name, key) -> {
          if (!names.contains(name)) {
            problems.add(
                Problem.error(WorkloadsFile.CODE, at(key), field(name), "is not a field here")
                    .suggesting(Nearest.to(name, names)));
          }
        });
    return this;
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  /** The text of a scalar field; {@code otherwise} when it is absent or wrong. */
  String text(String name, String otherwise) {
    Node value = fields.get(name);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof ScalarNode scalar && !scalar.getValue().isEmpty()) {
      return scalar.getValue();
    }
    problem(value, name, "must be a text, not " + kind(value));
    return otherwise;
  }

  /** The text of a field that must be there. */
  String required(String name) {
    if (!has(name)) {
      problem(node, name, "is missing");
    }
    return text(name, "");
  }

  /** The mappings of a list; an absent field is an empty list. */
  List<YamlFields> list(String name) {
    var items = items(name);
    return IntStream.range(0, items.size())
        .mapToObj(i -> new YamlFields(source, field(name) + "[" + i + "]", items.get(i), problems))
        .toList();
  }

  /** The texts of a list, or of a single scalar. */
  List<String> texts(String name) {
    if (fields.get(name) instanceof ScalarNode single) {
      return List.of(single.getValue());
    }
    return items(name).stream()
        .map(
            item -> {
              if (item instanceof ScalarNode scalar) {
                return scalar.getValue();
              }
              problem(item, name, "must be a list of texts, not of " + kind(item) + "s");
              return "";
            })
        .toList();
  }

  private List<Node> items(String name) {
    Node value = fields.get(name);
    if (value == null) {
      return List.of();
    }
    if (value instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    problem(value, name, "must be a list, not " + kind(value));
    return List.of();
  }

  /** The texts of a mapping's fields; an absent field is an empty mapping. */
  Map<String, String> map(String name) {
    Node value = fields.get(name);
    if (value == null) {
      return Map.of();
    }
    var inner = new YamlFields(source, field(name), value, problems);
    var texts = new LinkedHashMap<String, String>();
    inner.fields.forEach(
        (key, item) -> {
          if (item instanceof ScalarNode scalar) {
            texts.put(key, scalar.getValue());
          } else {
            inner.problem(item, key, "must be a text, not " + kind(item));
          }
        });
    return texts;
  }

  /** Notes that field {@code name} is wrong. */
  void wrong(String name, String message) {
    problem(fields.getOrDefault(name, node), name, message);
  }

  private void problem(Node where, String name, String message) {
    problems.add(Problem.error(WorkloadsFile.CODE, at(where), field(name), message));
  }

  private String field(String name) {
    return path.isEmpty() || name.isEmpty() ? path + name : path + "." + name;
  }

  private SourceLocation at(Node where) {
    return where
        .getStartMark()
        .map(mark -> new SourceLocation(source, mark.getLine() + 1, mark.getColumn() + 1))
        .orElse(new SourceLocation(source, 0, 0));
  }

  private static String kind(Node node) {
    return node.getNodeType() == NodeType.MAPPING
        ? "mapping"
        : node.getNodeType() == NodeType.SEQUENCE ? "list" : "text";
  }

  /** Finds the word that a user probably meant. */
  private static final class Nearest {
    private Nearest() {}

    static Optional<String> to(String word, Iterable<String> known) {
      String best = "";
      int least = 3;
      for (String candidate : known) {
        int distance = distance(word, candidate);
        if (distance < least) {
          least = distance;
          best = candidate;
        }
      }
      return best.isEmpty() ? Optional.empty() : Optional.of(best);
    }

    private static int distance(String a, String b) {
      int[] row = IntStream.rangeClosed(0, b.length()).toArray();
      for (int i = 1; i <= a.length(); i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= b.length(); j++) {
          int above = row[j];
          int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
          row[j] = Math.min(diagonal + change, 1 + Math.min(above, row[j - 1]));
          diagonal = above;
        }
      }
      return row[b.length()];
    }
  }
}
