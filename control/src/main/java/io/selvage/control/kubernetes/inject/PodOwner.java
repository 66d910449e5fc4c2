package io.selvage.control.kubernetes.inject;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The workload that a Pod is of: what its metrics and Istio's {@code ISTIO_META_OWNER} name.
 *
 * @param name empty when the Pod has none yet, and no owner
 */
record PodOwner(String apiVersion, String kind, String name, String namespace) {
  /** A CronJob names its Jobs after the minute, in seconds or minutes since 1970. */
  private static final Pattern OF_CRON_JOB = Pattern.compile("(.+)-\\d{8,10}$");

  /** Of a Pod that Kubernetes is about to create, by its controller. */
  static PodOwner of(JsonNode pod, String namespace) {
    JsonNode metadata = pod.path("metadata");
    String own = PodJson.text(metadata.path("name")).orElse("");
    Optional<JsonNode> controller =
        metadata.path("ownerReferences").values().stream()
            .filter(reference -> reference.path("controller").asBoolean(false))
            .findFirst();
    if (!metadata.path("generateName").isString() || controller.isEmpty()) {
      return new PodOwner("v1", "Pod", own, namespace);
    }
    String kind = PodJson.text(controller.get().path("kind")).orElse("");
    String name = PodJson.text(controller.get().path("name")).orElse("");
    String version = PodJson.text(controller.get().path("apiVersion")).orElse("");
    return madeBy(new PodOwner(version, kind, name, namespace), PodJson.labels(pod));
  }

  /**
   * Who made a Pod's controller, by the names and labels that makers give: nobody is asked. Kinds
   * and versions are those that Istio tells, so that metrics of both have the same workloads.
   */
  private static PodOwner madeBy(PodOwner controller, Map<String, String> labels) {
    return switch (controller.kind) {
      case "ReplicaSet" ->
          withoutHash(controller, labels.get("pod-template-hash"))
              .map(name -> controller.of(controller.apiVersion, "Deployment", name))
              .or(
                  () ->
                      withoutHash(controller, labels.get("rollouts-pod-template-hash"))
                          .map(name -> controller.of("v1alpha1", "Rollout", name)))
              .orElse(controller);
      case "ReplicationController" ->
          Optional.ofNullable(labels.get("deploymentconfig"))
              .filter(name -> !name.isEmpty())
              .map(name -> controller.of(controller.apiVersion, "DeploymentConfig", name))
              .orElse(controller);
      case "Job" -> {
        Matcher job = OF_CRON_JOB.matcher(controller.name);
        yield job.matches()
            ? controller.of(controller.apiVersion, "CronJob", job.group(1))
            : controller;
      }
      default -> controller;
    };
  }

  private PodOwner of(String version, String kindOfMaker, String nameOfMaker) {
    return new PodOwner(version, kindOfMaker, nameOfMaker, namespace);
  }

  /** What a ReplicaSet is of that is called after its maker and the hash of its template. */
  private static Optional<String> withoutHash(PodOwner replicaSet, @Nullable String hash) {
    return hash != null && !hash.isEmpty() && replicaSet.name.endsWith("-" + hash)
        ? Optional.of(replicaSet.name.substring(0, replicaSet.name.length() - hash.length() - 1))
        : Optional.empty();
  }

  /** {@code kubernetes://apis/apps/v1/namespaces/NS/deployments/NAME}. */
  String uri() {
    return "kubernetes://apis/%s/namespaces/%s/%ss/%s"
        .formatted(
            apiVersion,
            namespace.isEmpty() ? "default" : namespace,
            kind.toLowerCase(Locale.ROOT),
            name);
  }
}
