package io.selvage.control.kubernetes.inject;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The containers and volumes that a Pod gets. */
final class SidecarTemplate {
  private static final int HEALTH_PORT = 15021;
  private static final int START_SECONDS = 600;

  /** As little as the kernel lets a process do that serves and calls. */
  private static final String UNPRIVILEGED =
      """
      {
        "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]},
        "privileged": false,
        "readOnlyRootFilesystem": true,
        "runAsGroup": 1337,
        "runAsNonRoot": true,
        "runAsUser": 1337,
        "seccompProfile": {"type": "RuntimeDefault"}
      }
      """;

  /** As little as it takes to write netfilter's rules of the Pod's network namespace. */
  private static final String NETWORK_ADMINISTRATOR =
      """
      {
        "allowPrivilegeEscalation": false,
        "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
        "privileged": false,
        "readOnlyRootFilesystem": true,
        "runAsGroup": 0,
        "runAsNonRoot": false,
        "runAsUser": 0,
        "seccompProfile": {"type": "RuntimeDefault"}
      }
      """;

  private static final String VOLUMES =
      """
      [
        {"name": "istio-tmp", "emptyDir": {}},
        {"name": "istio-podinfo", "downwardAPI": {"items": [
          {"path": "labels", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.labels"}},
          {"path": "annotations",
           "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.annotations"}}]}},
        {"name": "istio-token", "projected": {"sources": [{"serviceAccountToken": {
          "audience": "istio-ca", "expirationSeconds": 43200, "path": "istio-token"}}]}},
        {"name": "istiod-ca-cert", "configMap": {"name": "istio-ca-root-cert"}}
      ]
      """;

  private static final String MOUNTS =
      """
      [
        {"name": "istio-tmp", "mountPath": "/tmp"},
        {"name": "istio-podinfo", "mountPath": "/etc/istio/pod", "readOnly": true},
        {"name": "istio-token", "mountPath": "/var/run/secrets/tokens", "readOnly": true},
        {"name": "istiod-ca-cert", "mountPath": "/var/run/secrets/istio", "readOnly": true}
      ]
      """;

  private SidecarTemplate() {}

  static ObjectNode proxy(
      JsonNode pod, PodOwner owner, SidecarOptions options, InjectionSettings settings) {
    ObjectNode container = container(PodJson.PROXY, options, settings);
    container
        .putArray("args")
        .add("proxy")
        .add("--in-pod")
        .add("--log-level=" + options.logLevel());
    container
        .putArray("ports")
        .addObject()
        .put("containerPort", 15090)
        .put("name", "http-envoy-prom")
        .put("protocol", "TCP");
    container.set("env", SidecarEnvironment.of(pod, owner, options, settings));
    container.set("resources", options.resources().deepCopy());
    ObjectNode startup = container.putObject("startupProbe");
    ready(startup);
    startup.put("periodSeconds", 1).put("timeoutSeconds", 3).put("failureThreshold", START_SECONDS);
    ObjectNode readiness = container.putObject("readinessProbe");
    ready(readiness);
    readiness
        .put("initialDelaySeconds", options.probe().initialDelaySeconds())
        .put("periodSeconds", options.probe().periodSeconds())
        .put("timeoutSeconds", 3)
        .put("failureThreshold", options.probe().failureThreshold());
    container.set("securityContext", PodJson.parse(UNPRIVILEGED));
    container.set("volumeMounts", mounts(options));
    if (options.nativeSidecar()) {
      container.put("restartPolicy", "Always");
    } else if (options.hold()) {
      // kubelet starts the next container when this has ended
      ArrayNode command =
          container
              .putObject("lifecycle")
              .putObject("postStart")
              .putObject("exec")
              .putArray("command");
      List.of("selvage", "sidecar", "wait").forEach(command::add);
    }
    return container;
  }

  static ObjectNode capture(SidecarOptions options, InjectionSettings settings) {
    ObjectNode container = container(PodJson.INIT, options, settings);
    ArrayNode args = container.putArray("args").add("capture");
    options.capture().forEach(args::add);
    container.set("resources", options.resources().deepCopy());
    container.set("securityContext", PodJson.parse(NETWORK_ADMINISTRATOR));
    return container;
  }

  private static ObjectNode container(
      String name, SidecarOptions options, InjectionSettings settings) {
    ObjectNode container = PodJson.object().put("name", name).put("image", options.image());
    settings.pullPolicy().ifPresent(policy -> container.put("imagePullPolicy", policy));
    container.putArray("command").add("selvage");
    return container;
  }

  private static void ready(ObjectNode probe) {
    probe.putObject("httpGet").put("path", "/healthz/ready").put("port", HEALTH_PORT);
  }

  private static ArrayNode mounts(SidecarOptions options) {
    ArrayNode all = (ArrayNode) JsonMapper.shared().readTree(MOUNTS);
    for (Map.Entry<String, JsonNode> mount : options.mounts().properties()) {
      all.add(named(mount));
    }
    return all;
  }

  static ArrayNode volumes(SidecarOptions options) {
    ArrayNode all = (ArrayNode) JsonMapper.shared().readTree(VOLUMES);
    for (Map.Entry<String, JsonNode> volume : options.volumes().properties()) {
      all.add(named(volume));
    }
    return all;
  }

  private static ObjectNode named(Map.Entry<String, JsonNode> entry) {
    ObjectNode named = PodJson.object().put("name", entry.getKey());
    entry.getValue().properties().forEach(field -> named.set(field.getKey(), field.getValue()));
    return named;
  }
}
