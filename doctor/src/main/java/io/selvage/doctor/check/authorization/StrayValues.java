package io.selvage.doctor.check.authorization;

import io.selvage.policy.Cidr;
import io.selvage.policy.RuleOrigin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What a rule of a proxy's RBAC filter still names and its policy does not: a value that was taken
 * out. Control planes spell one value in several ways, so two are the same when their words are,
 * wildcards, the syntax of regular expressions and the mesh's own names left out.
 */
final class StrayValues {
  /** Fields of Envoy's matchers ({@code envoy.type.matcher.v3}) whose text is a value. */
  private static final Set<String> TEXTS =
      Set.of(
          "exact",
          "prefix",
          "suffix",
          "contains",
          "regex",
          "exact_match",
          "prefix_match",
          "suffix_match",
          "contains_match",
          "path_template");

  private static final String SYNTAX = "\\(\\?i\\)|\\[[^\\]]*\\]|\\{\\d+(,\\d*)?\\}|\\\\";

  /** Words of every SPIFFE id. */
  private static final Set<String> OF_IDS = Set.of("spiffe", "ns", "sa");

  private final Set<String> noise = new HashSet<>(OF_IDS);
  private final Set<Set<String>> known = new HashSet<>();
  private final Set<Cidr> blocks = new HashSet<>();

  /**
   * Prepares for a policy's rule.
   *
   * @param trustDomains the mesh's own names, which control planes exchange for one another
   */
  StrayValues(RuleOrigin origin, Set<String> trustDomains) {
    trustDomains.forEach(domain -> noise.addAll(split(domain)));
    Stream.of(origin.from().stream(), origin.to().stream(), Stream.of(origin.when()))
        .flatMap(all -> all)
        .flatMap(List::stream)
        .flatMap(field -> field.values().values().stream())
        .forEach(value -> know(value, origin.policy().meta().namespace()));
  }

  private void know(String value, String namespace) {
    known.add(words(value));
    known.add(words(namespace + "/" + value)); // a ServiceAccount of the policy's own namespace
    for (int at = value.indexOf('/'); at >= 0; at = value.indexOf('/', at + 1)) {
      known.add(words(value.substring(0, at))); // a token's issuer and subject
      known.add(words(value.substring(at + 1)));
    }
    block(value).ifPresent(blocks::add);
  }

  /** The first of them. */
  Optional<String> in(JsonNode rule) {
    List<String> found = new ArrayList<>();
    collect(rule, found);
    return found.stream().findFirst();
  }

  private void collect(JsonNode node, List<String> found) {
    String address = node.path("address_prefix").asString("");
    if (!address.isEmpty()) {
      String text = address + "/" + node.path("prefix_len").asInt(0);
      if (block(text).filter(block -> !blocks.contains(block)).isPresent()) {
        found.add(text);
      }
      return;
    }
    node.properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              boolean isValue =
                  (value.isString() && TEXTS.contains(field.getKey()))
                      || (value.isNumber() && field.getKey().equals("destination_port"));
              if (isValue && isStray(value.asString(""))) {
                found.add(value.asString(""));
              }
              collect(value, found);
            });
    if (node.isArray()) {
      node.forEach(child -> collect(child, found));
    }
  }

  private boolean isStray(String text) {
    Set<String> words = words(text);
    return !words.isEmpty() && !known.contains(words);
  }

  private Set<String> words(String text) {
    Set<String> words = split(text);
    words.removeAll(noise);
    return words;
  }

  private static Set<String> split(String text) {
    return Stream.of(
            text.replaceAll(SYNTAX, "").toLowerCase(Locale.ROOT).split("[^\\p{Alnum}_-]+", -1))
        .filter(word -> !word.isEmpty())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static Optional<Cidr> block(String text) {
    try {
      return Optional.of(Cidr.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
