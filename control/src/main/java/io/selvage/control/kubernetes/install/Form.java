package io.selvage.control.kubernetes.install;

import io.selvage.control.kubernetes.inject.ClusterYaml;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which values a {@link Setting} can have. */
sealed interface Form {
  /** A text that matches. */
  record Text(Pattern pattern, String wanted) implements Form {}

  /**
   * One of some words.
   *
   * @param synonyms what else is taken for one: YAML 1.1 has {@code yes} as a boolean
   */
  record Word(List<String> words, Map<String, String> synonyms) implements Form {
    public Word {
      words = List.copyOf(words);
      synonyms = Map.copyOf(synonyms);
    }
  }

  /** A whole number. */
  record Whole(int least) implements Form {}

  /** A boolean. */
  record Flag() implements Form {}

  /** A list. */
  record Many(Form each) implements Form {}

  /**
   * Texts by name, as labels and annotations are.
   *
   * @param least how many there are at least
   */
  record Texts(int least) implements Form {}

  /** An object as Kubernetes has it, which the API server judges. */
  record Verbatim() implements Form {}

  /** In its one form; empty when it cannot be one. */
  default Optional<JsonNode> read(JsonNode given) {
    return switch (this) {
      case Text text ->
          Optional.of(given)
              .filter(node -> node.isString() && text.pattern().matcher(node.asString()).matches());
      case Word word ->
          Optional.of(given)
              .filter(node -> node.isString() || node.isBoolean())
              .map(node -> word.synonyms().getOrDefault(node.asString(), node.asString()))
              .filter(word.words()::contains)
              .map(JsonMapper.shared()::valueToTree);
      case Whole whole ->
          Optional.of(given)
              .filter(node -> node.isIntegralNumber() && node.canConvertToInt())
              .filter(node -> node.intValue() >= whole.least());
      case Flag _ -> Optional.of(given).filter(JsonNode::isBoolean);
      case Many many -> given instanceof ArrayNode array ? all(many.each(), array) : none();
      case Texts texts ->
          Optional.of(given)
              .filter(node -> node.isObject() && node.size() >= texts.least())
              .filter(node -> node.values().stream().allMatch(JsonNode::isString))
              .map(JsonNode::deepCopy);
      case Verbatim _ ->
          given instanceof ObjectNode object ? Optional.of(object.deepCopy()) : none();
    };
  }

  private static Optional<JsonNode> none() {
    return Optional.empty();
  }

  private static Optional<JsonNode> all(Form each, ArrayNode given) {
    ArrayNode read = JsonMapper.shared().createArrayNode();
    for (JsonNode one : given) {
      each.read(one).ifPresent(read::add);
    }
    return read.size() == given.size() ? Optional.of(read) : none();
  }

  /**
   * What a command line says: texts as they are, lists of texts also with commas between, all else
   * as YAML.
   *
   * @throws IllegalArgumentException when it is no YAML
   */
  default JsonNode parse(String text) {
    return switch (this) {
      case Text _, Word _ -> JsonMapper.shared().valueToTree(text);
      case Many(Text _) when !text.startsWith("[") ->
          JsonMapper.shared()
              .valueToTree(
                  Arrays.stream(text.split(",", -1))
                      .map(String::strip)
                      .filter(part -> !part.isEmpty())
                      .toList());
      case Whole _, Flag _, Many _, Texts _, Verbatim _ -> {
        List<JsonNode> documents = ClusterYaml.read(text);
        yield documents.size() == 1 ? documents.getFirst() : JsonMapper.shared().nullNode();
      }
    };
  }

  /** What is wanted, in words. */
  default String wanted() {
    return switch (this) {
      case Text text -> text.wanted();
      case Word word -> "one of " + String.join(", ", word.words());
      case Whole whole -> "a whole number from %d on".formatted(whole.least());
      case Flag _ -> "true or false";
      case Many many -> "a list, each " + many.each().wanted();
      case Texts _ -> "texts by name: {NAME: \"TEXT\"}";
      case Verbatim _ -> "an object as Kubernetes has it";
    };
  }
}
