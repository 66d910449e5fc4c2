package io.selvage.model;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.AnchorNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * The fields of one YAML mapping, read by name and type.
 *
 * <p>What is wrong is reported to the {@link Reading} and read as absent; the fields that were
 * asked for are the ones that exist, so {@link #finish} can report all others.
 */
final class Fields {

  private final Reading reading;
  private final Node node;
  private final String path;
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final Set<String> known = new HashSet<>();
  private final Set<String> repeated = new HashSet<>();

  Fields(Reading reading, MappingNode node, String path) {
    this(reading, (Node) node, path);
    node.getValue().forEach(this::enter);
  }

  private Fields(Reading reading, Node node, String path) {
    this.reading = reading;
    this.node = node;
    this.path = path;
  }

  /** No fields, at the place where they would have been. */
  private static Fields none(Reading reading, Node at, String path) {
    return new Fields(reading, at, path);
  }

  static Fields none(Reading reading) {
    return none(reading, new MappingNode(Tag.MAP, List.of(), FlowStyle.BLOCK), "");
  }

  private void enter(NodeTuple tuple) {
    if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
      problem(ProblemCodes.WRONG_TYPE, tuple.getKeyNode(), path, "a field's name must be a word");
      return;
    }
    Node earlier = keys.putIfAbsent(key.getValue(), key);
    if (earlier != null) {
      repeated.add(key.getValue());
      problem(
          ProblemCodes.WRONG_TYPE,
          key,
          pathOf(key.getValue()),
          "is already given at line %d; remove one of them".formatted(reading.at(earlier).line()));
      return;
    }
    Node value = tuple.getValueNode();
    values.put(key.getValue(), value instanceof AnchorNode anchor ? anchor.getRealNode() : value);
  }

  Reading reading() {
    return reading;
  }

  Node node() {
    return node;
  }

  SourceLocation at() {
    return reading.at(node);
  }

  /** Where a field is written: its name, or where the mapping begins when it is absent. */
  SourceLocation at(String name) {
    return reading.at(keys.getOrDefault(name, node));
  }

  String pathOf(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  String path() {
    return path;
  }

  /** Whether a field is a list with nothing in it. */
  boolean isEmptyList(String name) {
    return values.get(name) instanceof SequenceNode sequence && sequence.getValue().isEmpty();
  }

  boolean isEmpty() {
    return keys.isEmpty();
  }

  /** Whether it is written; a field that is asked about is one that exists. */
  boolean has(String name) {
    known.add(name);
    return keys.containsKey(name);
  }

  Set<String> names() {
    return keys.keySet();
  }

  /** Whether the field is written with nothing, or {@code null}, as its value. */
  boolean isNull(String name) {
    known.add(name);
    Node value = values.get(name);
    return value != null && YamlNodes.isNull(value);
  }

  Optional<String> text(String name) {
    return value(name).flatMap(value -> text(value, pathOf(name)));
  }

  String text(String name, String otherwise) {
    return text(name).orElse(otherwise);
  }

  /** A string that must be there and not empty. */
  String required(String name) {
    if (!has(name)) {
      error(ProblemCodes.MISSING_FIELD, name, "is required");
      return "";
    }
    Optional<String> text = text(name);
    if (text.filter(String::isEmpty).isPresent()) {
      error(ProblemCodes.MISSING_FIELD, name, "must not be empty");
    }
    return text.orElse("");
  }

  /** A string, or a whole number as its digits, as Kubernetes' {@code IntOrString}. */
  Optional<String> textOrNumber(String name) {
    return value(name)
        .flatMap(
            value ->
                value instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)
                    ? Optional.of(scalar.getValue())
                    : text(value, pathOf(name)));
  }

  /** A string that is a text of its own, such as a block after {@code |}. */
  Optional<EmbeddedText> embedded(String name) {
    return value(name)
        .flatMap(
            value ->
                text(value, pathOf(name))
                    .map(
                        text -> {
                          int line = reading.at(value).line();
                          boolean block =
                              ((ScalarNode) value).getScalarStyle() == ScalarStyle.LITERAL;
                          return new EmbeddedText(text, block ? line : line - 1);
                        }));
  }

  boolean flag(String name, boolean otherwise) {
    return flag(name).orElse(otherwise);
  }

  Optional<Boolean> flag(String name) {
    return value(name)
        .flatMap(
            value -> {
              if (value instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
                return Optional.of(Boolean.parseBoolean(scalar.getValue()));
              }
              problem(ProblemCodes.WRONG_TYPE, value, pathOf(name), "must be true or false");
              return Optional.empty();
            });
  }

  OptionalInt number(String name, int lowest, int highest) {
    Optional<Node> value = value(name);
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    if (value.get() instanceof ScalarNode scalar
        && scalar.getTag().equals(Tag.INT)
        && scalar.getValue().matches("-?[0-9]{1,10}")) {
      long number = Long.parseLong(scalar.getValue());
      if (number >= lowest && number <= highest) {
        return OptionalInt.of((int) number);
      }
    }
    problem(
        ProblemCodes.WRONG_TYPE,
        value.get(),
        pathOf(name),
        "must be a whole number from %d to %d".formatted(lowest, highest));
    return OptionalInt.empty();
  }

  OptionalInt count(String name) {
    return number(name, 0, Integer.MAX_VALUE);
  }

  OptionalInt port(String name) {
    return number(name, 1, 65535);
  }

  Optional<Duration> duration(String name) {
    Optional<String> text = text(name);
    Optional<Duration> duration = text.flatMap(Durations::parse);
    if (text.isPresent() && duration.isEmpty()) {
      error(
          ProblemCodes.BAD_VALUE,
          name,
          "\"%s\" is not a duration such as 5s or 1m30s".formatted(text.get()));
    }
    return duration;
  }

  <E extends Enum<E>> Optional<E> choice(String name, Class<E> type) {
    List<String> words = Arrays.stream(type.getEnumConstants()).map(Enum::name).toList();
    return choice(name, words).map(word -> Enum.valueOf(type, word));
  }

  /** One of some words. */
  Optional<String> choice(String name, List<String> words) {
    Optional<String> text = text(name);
    if (text.isPresent() && !words.contains(text.get())) {
      reading.add(
          Problem.error(
                  ProblemCodes.BAD_VALUE,
                  reading.at(values.getOrDefault(name, node)),
                  pathOf(name),
                  "\"%s\" is not one of %s".formatted(text.get(), String.join(", ", words)))
              .suggesting(Spelling.nearest(text.get(), words)));
      return Optional.empty();
    }
    return text;
  }

  FieldValues values(String name) {
    List<String> texts = new ArrayList<>();
    List<SourceLocation> locations = new ArrayList<>();
    List<Node> elements = elements(name);
    for (int i = 0; i < elements.size(); i++) {
      Node element = elements.get(i);
      Optional<String> text = text(element, pathOf(name) + "[" + i + "]");
      if (text.isPresent()) {
        texts.add(text.get());
        locations.add(reading.at(element));
      }
    }
    return new FieldValues(texts, locations);
  }

  /** As {@link #values}, where whole numbers stand for their digits. */
  FieldValues textsOrNumbers(String name) {
    List<String> texts = new ArrayList<>();
    List<SourceLocation> locations = new ArrayList<>();
    List<Node> elements = elements(name);
    for (int i = 0; i < elements.size(); i++) {
      Node element = elements.get(i);
      Optional<String> text =
          element instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT)
              ? Optional.of(scalar.getValue())
              : text(element, pathOf(name) + "[" + i + "]");
      if (text.isPresent()) {
        texts.add(text.get());
        locations.add(reading.at(element));
      }
    }
    return new FieldValues(texts, locations);
  }

  List<String> texts(String name) {
    return values(name).values();
  }

  Map<String, String> textMap(String name) {
    Map<String, String> map = new LinkedHashMap<>();
    Fields fields = object(name).orElse(none(reading));
    for (String key : fields.names()) {
      fields.text(key).ifPresent(value -> map.put(key, value));
    }
    return map;
  }

  /** Ports by name, as WorkloadEntries have them. */
  Map<String, Integer> portMap(String name) {
    Map<String, Integer> map = new LinkedHashMap<>();
    Fields fields = objectOrNone(name);
    for (String key : fields.names()) {
      fields.port(key).ifPresent(port -> map.put(key, port));
    }
    return map;
  }

  Optional<Fields> object(String name) {
    return value(name).flatMap(value -> object(value, pathOf(name)));
  }

  /** An object, or no fields at all when it is absent or wrong. */
  Fields objectOrNone(String name) {
    return object(name).orElseGet(() -> none(reading, node, pathOf(name)));
  }

  /**
   * Whether a text of an object is there and cannot be told: it is no text or is given twice, or
   * the object is.
   */
  boolean hasUnclear(String name, String inner) {
    if (!has(name)) {
      return false;
    }
    Reading aside = Reading.of(reading.source(), 0, reading.lines(), false, reading.refusal());
    if (repeated.contains(name) || !(values.get(name) instanceof MappingNode mapping)) {
      return true;
    }
    Fields object = new Fields(aside, mapping, name);
    return object.repeated.contains(inner) || (object.has(inner) && object.text(inner).isEmpty());
  }

  /** The top field {@code spec}: an empty one is the same as {@code {}}. */
  Fields spec() {
    known.add("spec");
    Node value = values.get("spec");
    return value == null || YamlNodes.isNull(value)
        ? none(reading, keys.getOrDefault("spec", node), "spec")
        : objectOrNone("spec");
  }

  List<Fields> objects(String name) {
    List<Fields> objects = new ArrayList<>();
    List<Node> elements = elements(name);
    for (int i = 0; i < elements.size(); i++) {
      object(elements.get(i), pathOf(name) + "[" + i + "]").ifPresent(objects::add);
    }
    return objects;
  }

  private List<Node> elements(String name) {
    Optional<Node> value = value(name);
    if (value.isEmpty()) {
      return List.of();
    }
    if (value.get() instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    problem(
        ProblemCodes.WRONG_TYPE,
        value.get(),
        pathOf(name),
        "must be a list, not " + YamlNodes.describe(value.get()));
    return List.of();
  }

  private Optional<Fields> object(Node value, String at) {
    if (value instanceof MappingNode mapping) {
      return Optional.of(new Fields(reading, mapping, at));
    }
    problem(
        ProblemCodes.WRONG_TYPE,
        value,
        at,
        "must be an object with fields, not " + YamlNodes.describe(value));
    return Optional.empty();
  }

  private Optional<String> text(Node value, String at) {
    if (value instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
      return Optional.of(scalar.getValue());
    }
    String advice =
        value instanceof ScalarNode scalar && !YamlNodes.isNull(value)
            ? "; write it in quotes: \"" + scalar.getValue() + "\""
            : "";
    problem(
        ProblemCodes.WRONG_TYPE,
        value,
        at,
        "must be a string, not " + YamlNodes.describe(value) + advice);
    return Optional.empty();
  }

  private Optional<Node> value(String name) {
    known.add(name);
    Node value = values.get(name);
    if (value == null || !YamlNodes.isNull(value)) {
      return Optional.ofNullable(value);
    }
    if (reading.strict()) {
      problem(
          ProblemCodes.WRONG_TYPE,
          value,
          pathOf(name),
          "has no value; give one or remove the line");
    }
    return Optional.empty();
  }

  /** Fields that exist and that nobody here needs. */
  Fields skip(String... names) {
    known.addAll(List.of(names));
    return this;
  }

  /** Fields that Istio gives a meaning that is not enforced here. */
  Fields notEnforced(String... names) {
    for (String name : names) {
      known.add(name);
      if (has(name)) {
        warning(ProblemCodes.NOT_ENFORCED, name, "is understood by Istio, not enforced here");
      }
    }
    return this;
  }

  /** Reports the fields that nobody asked for: errors in the security group, else warnings. */
  void finish() {
    for (String name : keys.keySet()) {
      if (!known.contains(name)) {
        Problem.Severity severity =
            reading.strict() ? Problem.Severity.ERROR : Problem.Severity.WARNING;
        reading.add(
            new Problem(
                severity,
                ProblemCodes.UNKNOWN_FIELD,
                at(name),
                pathOf(name),
                reading.strict() ? "there is no such field" : "there is no such field; ignored",
                Spelling.nearest(name, known.stream().sorted().toList())));
      }
    }
  }

  /** What admission would refuse about a field. */
  void refuse(String name, String message) {
    error(reading.refusal(), name, message);
  }

  /** What admission would refuse about one value of a list. */
  void refuse(String name, int index, SourceLocation at, String message) {
    reading.add(Problem.error(reading.refusal(), at, pathOf(name) + "[" + index + "]", message));
  }

  void error(String code, String name, String message) {
    reading.add(Problem.error(code, at(name), pathOf(name), message));
  }

  void warning(String code, String name, String message) {
    reading.add(Problem.warning(code, at(name), pathOf(name), message));
  }

  private void problem(String code, Node at, String field, String message) {
    reading.add(Problem.error(code, reading.at(at), field, message));
  }
}
