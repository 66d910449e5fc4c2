package io.selvage.doctor.fix;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Refuses what would let more through than before. It judges an object as it is and as the API
 * server says that it would be, not the fix's own words; what it does not understand is refused.
 */
final class Loosening {
  private static final List<String> CLIENT_MODES =
      List.of("DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL");
  private static final Set<String> EVERYBODY =
      Set.of("system:authenticated", "system:unauthenticated", "system:anonymous");
  private static final Map<String, BiFunction<JsonNode, JsonNode, Optional<String>>> CHANGES =
      Map.of(
          "PeerAuthentication", Loosening::peerAuthentication,
          "DestinationRule", Loosening::destinationRule,
          "MutatingWebhookConfiguration", Loosening::webhooks,
          "ValidatingWebhookConfiguration", Loosening::webhooks,
          "ConfigMap", Loosening::configMap,
          "ClusterRole", (_, after) -> role(after),
          "Role", (_, after) -> role(after),
          "ClusterRoleBinding", (_, after) -> binding(after),
          "RoleBinding", (_, after) -> binding(after));

  private Loosening() {}

  /**
   * Judges a change or a new object.
   *
   * @param before as it is; empty for a new one
   * @return why it is refused; empty when nothing is loosened
   */
  static Optional<String> ofChange(Optional<ObjectNode> before, ObjectNode after) {
    String kind = after.path("kind").asString("");
    var judge = CHANGES.get(kind);
    if (judge == null) {
      return Optional.of("the doctor never changes a " + kind + ": that is yours to decide");
    }
    JsonNode was = before.<JsonNode>map(Function.identity()).orElse(after.path(""));
    return judge.apply(was, after);
  }

  /** Judges a deletion. */
  static Optional<String> ofDeletion(ObjectNode before) {
    boolean allowsNothing =
        before.path("kind").asString("").equals("AuthorizationPolicy")
            && Set.of("", "ALLOW").contains(before.at("/spec/action").asString(""))
            && before.at("/spec/rules").isEmpty();
    boolean isMadeAgain = // by the control plane
        before.path("kind").asString("").equals("ConfigMap")
            && before.at("/metadata/name").asString("").equals("istio-ca-root-cert");
    return allowsNothing || isMadeAgain
        ? Optional.empty()
        : Optional.of(
            "the doctor deletes nothing but a policy that denies everything by having no rules,"
                + " and roots that the control plane writes anew");
  }

  private static Optional<String> peerAuthentication(JsonNode before, JsonNode after) {
    if (!before.isMissingNode()
        && !before.at("/spec/selector").equals(after.at("/spec/selector"))) {
      return Optional.of("it would speak of other workloads");
    }
    Optional<String> mode = mode(before.at("/spec/mtls"), after.at("/spec/mtls"), "mtls");
    Set<String> ports = new TreeSet<>();
    before.at("/spec/portLevelMtls").properties().forEach(port -> ports.add(port.getKey()));
    after.at("/spec/portLevelMtls").properties().forEach(port -> ports.add(port.getKey()));
    for (String port : ports) {
      if (mode.isEmpty()) {
        String pointer = "/spec/portLevelMtls/" + port;
        mode = mode(before.at(pointer), after.at(pointer), "port " + port);
      }
    }
    boolean saysNothing = before.isMissingNode() && after.at("/spec/mtls").isMissingNode();
    return saysNothing ? Optional.of("it would require nothing") : mode;
  }

  private static Optional<String> mode(JsonNode before, JsonNode after, String where) {
    String was = before.path("mode").asString("");
    String is = after.path("mode").asString("");
    return is.equals(was) || is.equals("STRICT")
        ? Optional.empty()
        : Optional.of("%s would go from %s to %s".formatted(where, word(was), word(is)));
  }

  private static String word(String mode) {
    return mode.isEmpty() ? "what is inherited" : mode;
  }

  private static Optional<String> destinationRule(JsonNode before, JsonNode after) {
    if (before.isMissingNode()) {
      return Optional.of("the doctor makes no DestinationRule");
    }
    ObjectNode rest = without(after, "/spec/trafficPolicy/tls", "mode");
    if (!rest.equals(without(before, "/spec/trafficPolicy/tls", "mode"))) {
      return Optional.of("more than the mode of its TLS would change");
    }
    String was = before.at("/spec/trafficPolicy/tls/mode").asString("");
    String is = after.at("/spec/trafficPolicy/tls/mode").asString("");
    return is.equals(was) || CLIENT_MODES.indexOf(is) > CLIENT_MODES.indexOf(was)
        ? Optional.empty()
        : Optional.of("TLS would go from %s to %s".formatted(word(was), word(is)));
  }

  /** Only {@code caBundle} may differ, and {@code failurePolicy} become {@code Fail}. */
  private static Optional<String> webhooks(JsonNode before, JsonNode after) {
    if (before.isMissingNode()) {
      return Optional.of("the doctor makes no webhooks: `selvage install` or istioctl does");
    }
    return closed(bundlesAside(before), after).equals(bundlesAside(after))
        ? Optional.empty()
        : Optional.of(
            "more than its caBundles, or a failurePolicy from Ignore to Fail, would change");
  }

  /** With those failure policies closed that {@code after} closes. */
  private static ObjectNode closed(ObjectNode before, JsonNode after) {
    for (int i = 0; i < before.path("webhooks").size(); i++) {
      boolean isClosed =
          after.path("webhooks").path(i).path("failurePolicy").asString("").equals("Fail");
      if (isClosed
          && before.path("webhooks").path(i) instanceof ObjectNode webhook
          && webhook.path("failurePolicy").asString("").equals("Ignore")) {
        webhook.put("failurePolicy", "Fail");
      }
    }
    return before;
  }

  private static ObjectNode bundlesAside(JsonNode object) {
    ObjectNode copy = spec(object);
    for (JsonNode webhook : copy.path("webhooks")) {
      if (webhook.path("clientConfig") instanceof ObjectNode config) {
        config.remove("caBundle");
      }
    }
    return copy;
  }

  private static Optional<String> configMap(JsonNode before, JsonNode after) {
    if (after.at("/metadata/name").asString("").equals("istio-ca-root-cert")) {
      return dataBut("root-cert.pem", before).equals(dataBut("root-cert.pem", after))
          ? Optional.empty()
          : Optional.of("more than the roots would change");
    }
    if (before.isMissingNode() || !dataBut("mesh", before).equals(dataBut("mesh", after))) {
      return Optional.of("the doctor changes no such ConfigMap");
    }
    var was = SettingsText.read(before.at("/data/mesh").asString(""));
    var is = SettingsText.read(after.at("/data/mesh").asString(""));
    boolean isSame =
        was.isPresent() && was.map(SettingsText::but).equals(is.map(SettingsText::but));
    return isSame
        ? Optional.empty()
        : Optional.of("more than the trust domain's aliases would change");
  }

  private static Map<String, JsonNode> dataBut(String key, JsonNode map) {
    Map<String, JsonNode> data = new TreeMap<>();
    map.path("data").properties().forEach(entry -> data.put(entry.getKey(), entry.getValue()));
    data.remove(key);
    return data;
  }

  /** Rights are given as they are shipped; none of those is for everything. */
  private static Optional<String> role(JsonNode after) {
    for (JsonNode rule : after.path("rules")) {
      Set<String> groups = texts(rule.path("apiGroups"));
      boolean ofAll = texts(rule.path("resources")).contains("*");
      boolean isAnyGroup = groups.contains("*");
      boolean isCore = ofAll && groups.contains("");
      boolean isAnyVerb = ofAll && texts(rule.path("verbs")).contains("*");
      if (isAnyGroup || isCore || isAnyVerb) {
        return Optional.of("it would give a right to everything: " + rule);
      }
    }
    return Optional.empty();
  }

  private static Set<String> texts(JsonNode values) {
    Set<String> found = new TreeSet<>();
    values.forEach(value -> found.add(value.asString("")));
    return found;
  }

  private static Optional<String> binding(JsonNode after) {
    if (Set.of("cluster-admin", "admin").contains(after.at("/roleRef/name").asString(""))) {
      return Optional.of("it would bind an administrator's role");
    }
    for (JsonNode subject : after.path("subjects")) {
      if (!subject.path("kind").asString("").equals("ServiceAccount")
          || EVERYBODY.contains(subject.path("name").asString(""))) {
        return Optional.of("it would give rights to others than ServiceAccounts");
      }
    }
    return Optional.empty();
  }

  /** The object without its metadata, without one field at {@code pointer}. */
  private static ObjectNode without(JsonNode object, String pointer, String field) {
    ObjectNode copy = spec(object);
    if (copy.at(pointer) instanceof ObjectNode found) {
      found.remove(field);
    }
    return copy;
  }

  private static ObjectNode spec(JsonNode object) {
    ObjectNode copy =
        object instanceof ObjectNode is ? is.deepCopy() : JsonMapper.shared().createObjectNode();
    copy.remove(List.of("metadata", "status", "apiVersion", "kind"));
    return copy;
  }
}
