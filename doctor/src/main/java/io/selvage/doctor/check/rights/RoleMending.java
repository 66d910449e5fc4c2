package io.selvage.doctor.check.rights;

import io.selvage.doctor.Fix;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Flavour;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.mesh.ControlPlane;
import io.selvage.doctor.mesh.Rbac.Right;
import io.selvage.doctor.mesh.ShippedRights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Gives a control plane back the rights that its install manifest gave it, and no others. */
final class RoleMending {
  private static final String GROUP = "rbac.authorization.k8s.io";
  private static final String API = GROUP + "/v1";

  private RoleMending() {}

  /** Names as Istio's chart has them: with the revision unless it is the default one. */
  static String clusterRole(ControlPlane plane) {
    return "istiod-clusterrole" + suffix(plane) + "-" + plane.flavour().namespace();
  }

  private static String suffix(ControlPlane plane) {
    String revision = plane.revision().name();
    return revision.equals("default") || revision.isEmpty() ? "" : "-" + revision;
  }

  /**
   * What adds missing rights: rules at the end of the role that is there, or the role as shipped
   * when it is gone. For Selvage its own installer, which is made for being run again.
   */
  static Optional<Fix> of(ControlPlane plane, List<Right> missing) {
    if (plane.flavour().kind() == Flavour.Kind.SELVAGE) {
      return Optional.of(
          new Fix.Command(
              "have the installer put the roles right", "selvage install --force-conflicts"));
    }
    List<Right> wide = missing.stream().filter(right -> right.namespace().isEmpty()).toList();
    Optional<ApiObject> role =
        plane.cluster().objects().find(Kind.CLUSTER_ROLE, "", clusterRole(plane));
    if (wide.isEmpty() || plane.cluster().objects().look(Kind.CLUSTER_ROLE).found().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        role.<Fix>map(found -> added(found, wide))
            .orElseGet(
                () ->
                    new Fix.Apply(
                        "the ClusterRole %s as shipped".formatted(clusterRole(plane)),
                        shipped(plane))));
  }

  private static Fix.Patch added(ApiObject role, List<Right> missing) {
    Map<List<String>, List<String>> verbs = new LinkedHashMap<>();
    missing.forEach(
        right ->
            verbs
                .computeIfAbsent(List.of(right.group(), right.resource()), _ -> new ArrayList<>())
                .add(right.verb()));
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    verbs.forEach(
        (of, may) -> {
          ObjectNode rule = JsonNodeFactory.instance.objectNode();
          rule.putArray("apiGroups").add(of.getFirst());
          rule.putArray("resources").add(of.getLast());
          ArrayNode names = rule.putArray("verbs");
          may.forEach(names::add);
          patch.addObject().put("op", "add").put("path", "/rules/-").set("value", rule);
        });
    return new Fix.Patch("add what is missing to %s".formatted(role.ref()), API, role.ref(), patch);
  }

  private static ObjectNode shipped(ControlPlane plane) {
    ObjectNode role = JsonNodeFactory.instance.objectNode();
    role.put("apiVersion", API).put("kind", "ClusterRole");
    ObjectNode metadata = role.putObject("metadata").put("name", clusterRole(plane));
    metadata.putObject("labels").put("app", "istiod");
    role.set("rules", ShippedRights.roleRules(plane.flavour(), false));
    return role;
  }

  /** A binding of the shipped ClusterRole to the account that the Deployment runs as. */
  static ObjectNode binding(ControlPlane plane, String account) {
    ObjectNode binding = JsonNodeFactory.instance.objectNode();
    binding.put("apiVersion", API).put("kind", "ClusterRoleBinding");
    ObjectNode metadata = binding.putObject("metadata").put("name", clusterRole(plane));
    metadata.putObject("labels").put("app", "istiod");
    binding
        .putObject("roleRef")
        .put("apiGroup", GROUP)
        .put("kind", "ClusterRole")
        .put("name", clusterRole(plane));
    binding
        .putArray("subjects")
        .addObject()
        .put("kind", "ServiceAccount")
        .put("name", account)
        .put("namespace", plane.flavour().namespace());
    return binding;
  }

  /** The account as one more subject of a binding that is there. */
  static Fix.Patch subject(ApiObject binding, String namespace, String account) {
    ArrayNode patch = JsonNodeFactory.instance.arrayNode();
    ObjectNode subject =
        JsonNodeFactory.instance
            .objectNode()
            .put("kind", "ServiceAccount")
            .put("name", account)
            .put("namespace", namespace);
    boolean some = binding.at("/subjects").isArray();
    patch
        .addObject()
        .put("op", "add")
        .put("path", some ? "/subjects/-" : "/subjects")
        .set("value", some ? subject : JsonNodeFactory.instance.arrayNode().add(subject));
    return new Fix.Patch(
        "add ServiceAccount %s/%s to %s".formatted(namespace, account, binding.ref()),
        API,
        binding.ref(),
        patch);
  }

  /** The shipped ClusterRole, for a binding that refers to one that is not there. */
  static Optional<Fix> role(ControlPlane plane, String name) {
    return plane.flavour().kind() != Flavour.Kind.SELVAGE && name.equals(clusterRole(plane))
        ? Optional.of(
            new Fix.Apply("the ClusterRole %s as shipped".formatted(name), shipped(plane)))
        : plane.flavour().kind() == Flavour.Kind.SELVAGE
            ? Optional.of(
                new Fix.Command(
                    "have the installer put the roles right", "selvage install --force-conflicts"))
            : Optional.empty();
  }
}
