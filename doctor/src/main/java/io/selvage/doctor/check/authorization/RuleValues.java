package io.selvage.doctor.check.authorization;

import io.selvage.policy.RuleOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Whether a rule of a proxy's RBAC filter has every value that its policy was written with. Control
 * planes spell matchers in their own ways (exact, prefix, regular expression, split), but the text
 * between a value's wildcards is in all of them.
 */
final class RuleValues {
  /** Fields whose values are not kept as written: other domains are added, addresses spelled. */
  private static final Set<String> REWRITTEN =
      Set.of(
          "trustDomains",
          "source.trustDomain",
          "ipBlocks",
          "remoteIpBlocks",
          "source.ip",
          "remote.ip",
          "destination.ip");

  private static final Set<String> WITH_DOMAIN = Set.of("principals", "source.principal");

  private RuleValues() {}

  /** The first value that is nowhere in the filter's rule. */
  static Optional<String> missing(RuleOrigin origin, JsonNode rule) {
    List<String> texts = new ArrayList<>();
    collect(rule, texts);
    return Stream.of(origin.from().stream(), origin.to().stream(), Stream.of(origin.when()))
        .flatMap(all -> all)
        .flatMap(List::stream)
        .filter(field -> field.dropped().isEmpty())
        .filter(field -> !REWRITTEN.contains(field.attribute()))
        .flatMap(
            field ->
                field.values().values().stream()
                    .filter(
                        value ->
                            parts(field.attribute(), value)
                                .anyMatch(part -> texts.stream().noneMatch(has(part)))))
        .findFirst();
  }

  private static Predicate<String> has(String part) {
    return text -> text.contains(part);
  }

  /**
   * What of a value a filter has for certain: the text between its wildcards and slashes; without a
   * principal's trust domain, which stands for the mesh's other names.
   */
  private static Stream<String> parts(String attribute, String value) {
    int slash = value.indexOf('/');
    String certain = WITH_DOMAIN.contains(attribute) && slash > 0 ? value.substring(slash) : value;
    return Stream.of(certain.split("[*/{}]+", -1))
        .map(part -> part.replace("\\", ""))
        .filter(part -> !part.isEmpty());
  }

  /** All texts and numbers, names of fields left out; regular expressions without their escapes. */
  private static void collect(JsonNode node, List<String> texts) {
    if (node.isString()) {
      texts.add(node.asString("").replace("\\", ""));
    } else if (node.isNumber()) {
      texts.add(node.asString(""));
    }
    node.forEach(child -> collect(child, texts));
  }
}
