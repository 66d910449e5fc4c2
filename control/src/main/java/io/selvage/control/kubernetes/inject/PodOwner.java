package io.selvage.control.kubernetes.inject;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
    Map<String, String> labels = PodJson.labels(pod);
    String hash = labels.getOrDefault("pod-template-hash", "");
    if (kind.equals("ReplicaSet") && !hash.isEmpty() && name.endsWith("-" + hash)) {
      String deployment = name.substring(0, name.length() - hash.length() - 1);
      return new PodOwner(version, "Deployment", deployment, namespace);
    }
    Matcher job = OF_CRON_JOB.matcher(name);
    return kind.equals("Job") && job.matches()
        ? new PodOwner(version, "CronJob", job.group(1), namespace)
        : new PodOwner(version, kind, name, namespace);
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
