package io.selvage.doctor.kubernetes.fix;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.StatusDetails;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.selvage.doctor.Fix;
import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.fix.ClusterHand;
import io.selvage.doctor.fix.FixFailed;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One Kubernetes cluster, whose API server tries each change before it makes it. */
public final class KubernetesHand implements ClusterHand {
  /** Under which fields that fixes wrote are known. */
  public static final String MANAGER = "selvage-doctor";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration STEP = Duration.ofMillis(300);

  private final KubernetesClient client;
  private final InstantSource clock;

  /** By a client that may do what is to be done. */
  public KubernetesHand(KubernetesClient client, InstantSource clock) {
    this.client = client;
    this.clock = clock;
  }

  @Override
  public Optional<ObjectNode> read(String apiVersion, ObjectRef object) throws FixFailed {
    return asked(() -> Optional.ofNullable(resource(apiVersion, object).get()).map(this::json));
  }

  @Override
  public ObjectNode patch(Fix.Patch fix, Write write) throws FixFailed {
    return patched(fix.apiVersion(), fix.object(), PatchType.JSON, fix.patch().toString(), write);
  }

  private ObjectNode patched(
      String apiVersion, ObjectRef object, PatchType type, String patch, Write write)
      throws FixFailed {
    return asked(() -> json(resource(apiVersion, object).patch(context(type, write), patch)));
  }

  private static PatchContext context(PatchType type, Write write) {
    return new PatchContext.Builder()
        .withPatchType(type)
        .withFieldManager(MANAGER)
        .withDryRun(dryRun(write))
        .build();
  }

  private static List<String> dryRun(Write write) {
    return write == Write.TRIED ? List.of("All") : List.of();
  }

  @Override
  public ObjectNode apply(ObjectNode object, Write write) throws FixFailed {
    PatchContext context =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(MANAGER)
            .withForce(true)
            .withDryRun(dryRun(write))
            .build();
    GenericKubernetesResource item =
        client
            .getKubernetesSerialization()
            .unmarshal(JSON.writeValueAsString(object), GenericKubernetesResource.class);
    String namespace = object.at("/metadata/namespace").asString("");
    return asked(
        () -> {
          var all =
              client.genericKubernetesResources(
                  definition(
                      object.path("apiVersion").asString(""), object.path("kind").asString("")));
          return json(
              namespace.isEmpty()
                  ? all.resource(item).patch(context)
                  : all.inNamespace(namespace).resource(item).patch(context));
        });
  }

  /** Only the very version that was looked at. */
  @Override
  public void delete(ObjectNode object, Write write) throws FixFailed {
    ObjectRef reference =
        new ObjectRef(
            object.path("kind").asString(""),
            object.at("/metadata/namespace").asString(""),
            object.at("/metadata/name").asString(""));
    asked(
        () -> {
          Resource<GenericKubernetesResource> found =
              resource(object.path("apiVersion").asString(""), reference);
          List<StatusDetails> gone =
              write == Write.TRIED
                  ? found.dryRun(true).delete()
                  : found
                      .lockResourceVersion(object.at("/metadata/resourceVersion").asString(""))
                      .delete();
          return gone;
        });
  }

  /** As {@code kubectl rollout restart} does it, by an annotation of the Pods' template. */
  @Override
  public ObjectNode restart(ObjectRef workload, Write write) throws FixFailed {
    ObjectNode patch = JSON.createObjectNode();
    patch
        .withObject("/spec/template/metadata/annotations")
        .put("kubectl.kubernetes.io/restartedAt", clock.instant().toString());
    return patched("apps/v1", workload, PatchType.JSON_MERGE, patch.toString(), write);
  }

  @Override
  public Optional<String> settled(ObjectRef workload) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<String> missing = missing(workload);
      if (missing.isEmpty() || System.nanoTime() >= end) {
        return missing;
      }
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
    }
  }

  private Optional<String> missing(ObjectRef workload) {
    try {
      return read("apps/v1", workload)
          .map(found -> Settled.missing(workload, found))
          .orElseGet(() -> Optional.of(workload + " is not there"));
    } catch (FixFailed e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private Resource<GenericKubernetesResource> resource(String apiVersion, ObjectRef object) {
    var all = client.genericKubernetesResources(definition(apiVersion, object.kind()));
    return object.namespace().isEmpty()
        ? all.withName(object.name())
        : all.inNamespace(object.namespace()).withName(object.name());
  }

  /** What the API server itself says of a kind: how it is called in paths. */
  private ResourceDefinitionContext definition(String apiVersion, String kind) {
    APIResourceList served = client.getApiResources(apiVersion);
    APIResource resource =
        served == null
            ? null
            : served.getResources().stream()
                .filter(each -> each.getKind().equals(kind) && !each.getName().contains("/"))
                .findFirst()
                .orElse(null);
    if (resource == null) {
      throw new KubernetesClientException(
          "the API server knows no %s of %s".formatted(kind, apiVersion));
    }
    int slash = apiVersion.indexOf('/');
    return new ResourceDefinitionContext.Builder()
        .withGroup(slash < 0 ? "" : apiVersion.substring(0, slash))
        .withVersion(apiVersion.substring(slash + 1))
        .withKind(kind)
        .withPlural(resource.getName())
        .withNamespaced(Boolean.TRUE.equals(resource.getNamespaced()))
        .build();
  }

  private static <T> T asked(Supplier<T> call) throws FixFailed {
    try {
      return call.get();
    } catch (KubernetesClientException e) {
      String words =
          e.getStatus() == null || e.getStatus().getMessage() == null
              ? String.valueOf(e.getMessage())
              : e.getStatus().getMessage();
      throw e.getCode() == 0
          ? FixFailed.unanswered("the API server: " + words, e)
          : FixFailed.refused("the API server: " + words, e);
    }
  }

  private ObjectNode json(GenericKubernetesResource resource) {
    return (ObjectNode) JSON.readTree(client.getKubernetesSerialization().asJson(resource));
  }
}
