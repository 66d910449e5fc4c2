package io.selvage.control.kubernetes.install;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads, applies and deletes the objects of an installation. Applied is on the server's side, under
 * a field manager of our own: what others wrote into other fields stays, and what they wrote into
 * the same is a conflict.
 */
final class ObjectClient {
  /** Under which our fields are known. */
  static final String MANAGER = "selvage-install";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final KubernetesClient client;

  ObjectClient(KubernetesClient client) {
    this.client = client;
  }

  /** Whether a write is only tried. */
  enum Write {
    /** The API server says what would come of it. */
    TRIED,
    DONE
  }

  /** What becomes of fields that another manager set to something else. */
  enum Conflicts {
    REFUSED,
    TAKEN_OVER
  }

  /** The object as it is; empty when there is none, or its kind isn't served. */
  Optional<ObjectNode> get(ManifestObject object) {
    return Optional.ofNullable(resource(object).get()).map(this::json);
  }

  /**
   * Applies it.
   *
   * @return as it is then
   * @throws KubernetesClientException with code 409 for conflicts
   */
  ObjectNode apply(ManifestObject object, Write write, Conflicts conflicts) {
    PatchContext context =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(MANAGER)
            .withForce(conflicts == Conflicts.TAKEN_OVER)
            .withDryRun(write == Write.TRIED ? List.of("All") : List.of())
            .build();
    GenericKubernetesResource item =
        client
            .getKubernetesSerialization()
            .unmarshal(JSON.writeValueAsString(object.content()), GenericKubernetesResource.class);
    var all = client.genericKubernetesResources(object.kind().context());
    return json(
        object.kind().isNamespaced()
            ? all.inNamespace(object.namespace()).resource(item).patch(context)
            : all.resource(item).patch(context));
  }

  /** Deletes it; it may be gone already. */
  void delete(ManifestObject object) {
    resource(object).delete();
  }

  private Resource<GenericKubernetesResource> resource(ManifestObject object) {
    ObjectKind kind = object.kind();
    var all = client.genericKubernetesResources(kind.context());
    return kind.isNamespaced()
        ? all.inNamespace(object.namespace()).withName(object.name())
        : all.withName(object.name());
  }

  private ObjectNode json(GenericKubernetesResource resource) {
    return (ObjectNode) JSON.readTree(client.getKubernetesSerialization().asJson(resource));
  }
}
