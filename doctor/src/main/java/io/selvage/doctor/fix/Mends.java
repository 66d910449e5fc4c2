package io.selvage.doctor.fix;

import io.selvage.doctor.Fix;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.evidence.ApiObject;
import io.selvage.doctor.evidence.Objects;
import io.selvage.doctor.mesh.Owners;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The fixes that checks offer, in one place, so that the same thing is always mended the same. */
public final class Mends {
  private static final JsonMapper JSON = JsonMapper.shared();

  private Mends() {}

  /**
   * The {@code caBundle} of webhooks, set to roots that verify what is served (SLV3002). Nothing
   * else of the configuration is touched, and it is refused when the webhooks have moved meanwhile.
   *
   * @param configuration a Mutating- or ValidatingWebhookConfiguration
   * @param webhooks names of its webhooks to be mended
   * @param roots PEM; the caller has verified the served chain by them
   */
  public static Fix.Patch caBundle(ApiObject configuration, Set<String> webhooks, String roots) {
    String encoded = Base64.getEncoder().encodeToString(roots.getBytes(StandardCharsets.UTF_8));
    ArrayNode patch = JSON.createArrayNode();
    int index = 0;
    for (JsonNode webhook : configuration.at("/webhooks")) {
      String name = webhook.path("name").asString("");
      if (webhooks.contains(name)) {
        operation(patch, "test", "/webhooks/" + index + "/name").put("value", name);
        operation(patch, "add", "/webhooks/" + index + "/clientConfig/caBundle")
            .put("value", encoded);
      }
      index++;
    }
    return new Fix.Patch(
        "set the caBundle of "
            + String.join(", ", webhooks.stream().sorted().toList())
            + " to the roots that verify what the control plane serves",
        configuration.apiVersion(),
        configuration.ref(),
        patch);
  }

  /**
   * The roots that a namespace's Pods trust ({@code istio-ca-root-cert}), set to the live ones
   * (SLV1004); the ConfigMap is made where it is missing.
   *
   * @param map as it is; empty when there is none
   * @param roots PEM of the CA in force
   */
  public static Fix rootMap(Optional<ApiObject> map, String namespace, String roots) {
    String what = "give namespace " + namespace + " the CA's roots in force";
    if (map.isEmpty()) {
      ObjectNode made = object("v1", "ConfigMap", namespace, "istio-ca-root-cert");
      made.withObject("/metadata/labels").put("istio.io/config", "true");
      made.putObject("data").put("root-cert.pem", roots);
      return new Fix.Apply(what, made);
    }
    ArrayNode patch = JSON.createArrayNode();
    if (!map.get().at("/data").isObject()) {
      operation(patch, "add", "/data").putObject("value");
    }
    operation(patch, "add", "/data/root-cert.pem").put("value", roots);
    return new Fix.Patch(what, "v1", map.get().ref(), patch);
  }

  /** The control plane's Deployment, made anew (SLV0005, SLV3002 when a patch is not wanted). */
  public static Fix.Restart restart(String what, ObjectRef workload) {
    return new Fix.Restart(what, workload);
  }

  /**
   * A Pod made anew so that its proxy starts afresh (SLV1005 to SLV1007, SLV5003, SLV7001): the
   * workload that owns it is restarted, one Pod after the other. Nobody would make a Pod again that
   * nobody owns: for it, the command is printed.
   */
  public static Fix remakePod(ApiObject pod, Objects objects) {
    Optional<ObjectRef> owner = Owners.workload(objects, pod);
    if (owner.isEmpty()) {
      return new Fix.Command(
          "nothing makes this Pod again: whoever made it must",
          "kubectl -n %s get pod %s -o yaml".formatted(pod.namespace(), pod.name()));
    }
    return new Fix.Restart(
        "restart %s, whose Pod %s needs a fresh start".formatted(owner.get(), pod.name()),
        owner.get());
  }

  /**
   * A trust domain that identities and policies still name, as another name of the mesh's own
   * (SLV1009).
   *
   * @param settings the ConfigMap of the mesh's settings ({@code mesh} holds MeshConfig)
   * @return a command when the settings cannot be read
   */
  public static Fix trustDomainAlias(ApiObject settings, String alias) {
    Optional<String> changed = SettingsText.withAlias(settings.text("/data/mesh"), alias);
    if (changed.isEmpty()) {
      return new Fix.Command(
          "add %s to trustDomainAliases".formatted(alias),
          "kubectl -n %s edit configmap %s".formatted(settings.namespace(), settings.name()));
    }
    ArrayNode patch = JSON.createArrayNode();
    if (settings.at("/data/mesh").isString()) {
      operation(patch, "test", "/data/mesh").put("value", settings.text("/data/mesh"));
    } else if (!settings.at("/data").isObject()) {
      operation(patch, "add", "/data").putObject("value");
    }
    operation(patch, "add", "/data/mesh").put("value", changed.get());
    return new Fix.Patch(
        "take trust domain %s for another name of the mesh's own".formatted(alias),
        "v1",
        settings.ref(),
        patch);
  }

  /** Mutual TLS required where a PeerAuthentication leaves it open (SLV2001, SLV2003). */
  public static Fix.Patch strict(ApiObject peerAuthentication) {
    ArrayNode patch = JSON.createArrayNode();
    if (!peerAuthentication.at("/spec").isObject()) {
      operation(patch, "add", "/spec").putObject("value");
    }
    operation(patch, "add", "/spec/mtls").putObject("value").put("mode", "STRICT");
    peerAuthentication
        .at("/spec/portLevelMtls")
        .properties()
        .forEach(
            port ->
                operation(patch, "add", "/spec/portLevelMtls/" + port.getKey())
                    .putObject("value")
                    .put("mode", "STRICT"));
    return new Fix.Patch(
        "refuse plaintext: %s becomes STRICT".formatted(peerAuthentication.ref()),
        peerAuthentication.apiVersion(),
        peerAuthentication.ref(),
        patch);
  }

  /** Mutual TLS required in a namespace that no PeerAuthentication speaks of. */
  public static Fix.Apply strict(String namespace) {
    ObjectNode made = object("security.istio.io/v1", "PeerAuthentication", namespace, "default");
    made.putObject("spec").putObject("mtls").put("mode", "STRICT");
    return new Fix.Apply("refuse plaintext in namespace " + namespace, made);
  }

  /** What a client's DestinationRule switched off, as the mesh has it (SLV2004). */
  public static Fix.Patch mutual(ApiObject destinationRule) {
    ArrayNode patch = JSON.createArrayNode();
    operation(patch, "add", "/spec/trafficPolicy/tls/mode").put("value", "ISTIO_MUTUAL");
    return new Fix.Patch(
        "use the mesh's mutual TLS: %s".formatted(destinationRule.ref()),
        destinationRule.apiVersion(),
        destinationRule.ref(),
        patch);
  }

  /** Rights as they are shipped (SLV6001 to SLV6003). */
  public static Fix.Apply rights(ObjectNode shipped) {
    return new Fix.Apply(
        "apply %s %s as it is shipped"
            .formatted(
                shipped.path("kind").asString(""), shipped.at("/metadata/name").asString("")),
        shipped);
  }

  /** An AuthorizationPolicy without rules, which denies all that it selects (SLV4004). */
  public static Fix.Delete emptyPolicy(ApiObject policy) {
    return new Fix.Delete(
        "delete %s, which denies everything".formatted(policy.ref()),
        policy.apiVersion(),
        policy.ref());
  }

  private static ObjectNode object(String apiVersion, String kind, String namespace, String name) {
    ObjectNode made = JSON.createObjectNode().put("apiVersion", apiVersion).put("kind", kind);
    made.putObject("metadata").put("name", name).put("namespace", namespace);
    return made;
  }

  private static ObjectNode operation(ArrayNode patch, String name, String path) {
    return patch.addObject().put("op", name).put("path", path);
  }

  /** The roles and bindings among objects. */
  public static List<ObjectNode> rightsOf(List<ObjectNode> manifest) {
    Set<String> kinds = Set.of("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding");
    return manifest.stream()
        .filter(object -> kinds.contains(object.path("kind").asString("")))
        .toList();
  }
}
