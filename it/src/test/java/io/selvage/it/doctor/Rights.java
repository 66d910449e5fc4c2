package io.selvage.it.doctor;

import io.selvage.it.cluster.Kubectl;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Rights that a mesh's control plane lacks until this is closed. */
final class Rights implements AutoCloseable {
  private final Kubectl kubectl;
  private final List<JsonNode> before = new ArrayList<>();

  private Rights(Kubectl kubectl) {
    this.kubectl = kubectl;
  }

  /** Takes verbs on a resource out of every ClusterRole that is not Kubernetes' own. */
  static Rights without(Kubectl kubectl, String resource, Set<String> verbs) {
    Rights taken = new Rights(kubectl);
    for (JsonNode role : kubectl.get("clusterroles").path("items")) {
      String name = name(role);
      boolean isKubernetes =
          name.startsWith("system:")
              || Set.of("admin", "edit", "view", "cluster-admin").contains(name);
      if (!isKubernetes && role.path("rules").toString().contains('"' + resource + '"')) {
        taken.before.add(role);
        taken.write(role, left(role, resource, verbs));
      }
    }
    return taken;
  }

  private static String name(JsonNode role) {
    return role.at("/metadata/name").asString();
  }

  private static JsonNode left(JsonNode role, String resource, Set<String> verbs) {
    JsonNode rules = role.path("rules").deepCopy();
    for (JsonNode rule : rules) {
      if (rule.path("resources").valueStream().anyMatch(one -> one.asString().equals(resource))) {
        ArrayNode kept = ((ObjectNode) rule).putArray("verbs");
        List<String> all =
            role.path("rules")
                .valueStream()
                .filter(one -> one.path("resources").equals(rule.path("resources")))
                .flatMap(one -> one.path("verbs").valueStream())
                .map(JsonNode::asString)
                .filter(verb -> !verbs.contains(verb))
                .distinct()
                .toList();
        (all.isEmpty() ? List.of("none") : all).forEach(kept::add);
      }
    }
    return rules;
  }

  private void write(JsonNode role, JsonNode rules) {
    ArrayNode patch = JsonMapper.shared().createArrayNode();
    patch.addObject().put("op", "replace").put("path", "/rules").set("value", rules);
    kubectl.run("patch", "clusterrole", name(role), "--type=json", "-p", patch.toString()).well();
  }

  @Override
  public void close() {
    before.forEach(role -> write(role, role.path("rules")));
  }
}
