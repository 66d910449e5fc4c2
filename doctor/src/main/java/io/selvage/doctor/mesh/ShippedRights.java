package io.selvage.doctor.mesh;

import io.selvage.doctor.evidence.Flavour;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rights that an istiod cannot do without, by version: of the ClusterRole and the Role that its
 * chart installs, those whose absence is felt. Kept in {@code istio-rights.json}.
 *
 * <p>Selvage's own are in its installer, which makes its roles from them.
 */
public final class ShippedRights {
  private static final List<Rule> RULES = read();

  private ShippedRights() {}

  /**
   * What belongs to one thing that istiod does.
   *
   * @param why what breaks without it
   * @param home whether it is for the control plane's own namespace alone
   * @param since the first version that needs it; empty: all
   */
  public record Rule(
      String why,
      boolean home,
      String group,
      List<String> resources,
      List<String> verbs,
      Optional<Version> since) {
    private boolean isOf(String version) {
      return since.isEmpty()
          || Version.in(version).map(found -> found.compareTo(since.get()) >= 0).orElse(true);
    }

    private Stream<Rbac.Right> rights(String namespace) {
      return resources.stream()
          .flatMap(
              resource ->
                  verbs.stream()
                      .map(
                          verb ->
                              new Rbac.Right(verb, group, resource, home ? namespace : "", "")));
    }
  }

  /** What to ask the API server about the ServiceAccount of an istiod; none for other meshes. */
  public static List<Rbac.Right> of(Flavour flavour) {
    return rules(flavour).stream().flatMap(rule -> rule.rights(flavour.namespace())).toList();
  }

  private static List<Rule> rules(Flavour flavour) {
    return switch (flavour.kind()) {
      case ISTIO, ASM -> RULES.stream().filter(rule -> rule.isOf(flavour.version())).toList();
      case SELVAGE, ASM_MANAGED, LOCAL, NONE -> List.of();
    };
  }

  /** What breaks without a right, in words; empty for one that is not listed. */
  public static Optional<String> why(String group, String resource, String verb) {
    return RULES.stream()
        .filter(rule -> rule.group().equals(group))
        .filter(rule -> rule.resources().contains(resource) && rule.verbs().contains(verb))
        .map(Rule::why)
        .findFirst();
  }

  /** The {@code rules} of a ClusterRole, or of the Role in the control plane's namespace. */
  public static ArrayNode roleRules(Flavour flavour, boolean home) {
    ArrayNode rules = JsonNodeFactory.instance.arrayNode();
    rules(flavour).stream()
        .filter(rule -> rule.home() == home)
        .forEach(rule -> rules.add(json(rule)));
    return rules;
  }

  private static ObjectNode json(Rule rule) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.putArray("apiGroups").add(rule.group());
    ArrayNode resources = json.putArray("resources");
    rule.resources().forEach(resources::add);
    ArrayNode verbs = json.putArray("verbs");
    rule.verbs().forEach(verbs::add);
    return json;
  }

  private static List<Rule> read() {
    try (InputStream in = ShippedRights.class.getResourceAsStream("istio-rights.json")) {
      if (in == null) {
        throw new IllegalStateException("istio-rights.json is not in the jar");
      }
      List<Rule> rules = new ArrayList<>();
      for (JsonNode one : new ObjectMapper().readTree(in)) {
        rules.add(
            new Rule(
                one.path("why").asString(),
                one.path("home").asBoolean(false),
                one.path("group").asString(),
                texts(one.path("resources")),
                texts(one.path("verbs")),
                Version.in(one.path("since").asString(""))));
      }
      return List.copyOf(rules);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(one -> one.asString("")).toList();
  }
}
