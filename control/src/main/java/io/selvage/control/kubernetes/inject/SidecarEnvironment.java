package io.selvage.control.kubernetes.inject;

import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The sidecar's environment, in Istio's names: {@code selvage proxy --in-pod} reads it. */
final class SidecarEnvironment {
  /** Variables that nobody else may set. */
  static final Set<String> OWN =
      Set.of(
          "POD_NAME",
          "POD_NAMESPACE",
          "INSTANCE_IP",
          "INSTANCE_IPS",
          "SERVICE_ACCOUNT",
          "HOST_IP",
          "CA_ADDR",
          "PROXY_CONFIG",
          "TRUST_DOMAIN",
          "ISTIO_META_NODE_NAME",
          "ISTIO_META_POD_PORTS",
          "ISTIO_META_APP_CONTAINERS",
          "ISTIO_META_CLUSTER_ID",
          "ISTIO_META_INTERCEPTION_MODE",
          "ISTIO_META_NETWORK",
          "ISTIO_META_WORKLOAD_NAME",
          "ISTIO_META_OWNER",
          "ISTIO_META_MESH_ID",
          ProbeRewriting.VARIABLE,
          MetricsMerging.VARIABLE);

  private SidecarEnvironment() {}

  static ArrayNode of(
      JsonNode pod, PodOwner owner, SidecarOptions options, InjectionSettings settings) {
    ArrayNode all = PodJson.array();
    field(all, "POD_NAME", "metadata.name");
    field(all, "POD_NAMESPACE", "metadata.namespace");
    field(all, "INSTANCE_IP", "status.podIP");
    field(all, "INSTANCE_IPS", "status.podIPs");
    field(all, "SERVICE_ACCOUNT", "spec.serviceAccountName");
    field(all, "HOST_IP", "status.hostIP");
    field(all, "ISTIO_META_NODE_NAME", "spec.nodeName");
    value(all, "CA_ADDR", settings.controlPlane());
    value(all, "PROXY_CONFIG", proxyConfig(options, settings).toString());
    value(all, "ISTIO_META_CLUSTER_ID", settings.clusterId());
    settings.network().ifPresent(network -> value(all, "ISTIO_META_NETWORK", network));
    value(all, "ISTIO_META_MESH_ID", settings.meshId());
    value(all, "ISTIO_META_INTERCEPTION_MODE", "REDIRECT");
    value(all, "ISTIO_META_POD_PORTS", ports(pod).toString());
    value(all, "ISTIO_META_APP_CONTAINERS", String.join(",", applications(pod)));
    String workload =
        PodJson.labels(pod).getOrDefault("service.istio.io/workload-name", owner.name());
    if (!workload.isEmpty()) {
      value(all, "ISTIO_META_WORKLOAD_NAME", workload);
    }
    if (!owner.name().isEmpty()) {
      value(all, "ISTIO_META_OWNER", owner.uri());
    }
    options.variables().forEach((name, text) -> value(all, name, text));
    return all;
  }

  private static ObjectNode proxyConfig(SidecarOptions options, InjectionSettings settings) {
    ObjectNode config = PodJson.object();
    config.put("discoveryAddress", settings.controlPlane());
    config.put("statusPort", options.statusPort());
    // a native sidecar is ended after the application: there is nobody left to serve
    config.put(
        "terminationDrainDuration",
        options.nativeSidecar() ? "0s" : ProxyConfigAnnotation.text(options.drain()));
    if (options.concurrency() > 0) {
      config.put("concurrency", options.concurrency());
    }
    if (!options.variables().isEmpty()) {
      ObjectNode metadata = config.putObject("proxyMetadata");
      for (Map.Entry<String, String> variable : options.variables().entrySet()) {
        metadata.put(variable.getKey(), variable.getValue());
      }
    }
    return config;
  }

  static List<String> applications(JsonNode pod) {
    return PodJson.containers(pod, PodJson.CONTAINERS)
        .map(PodJson::name)
        .filter(name -> !name.equals(PodJson.PROXY))
        .toList();
  }

  private static ArrayNode ports(JsonNode pod) {
    ArrayNode all = PodJson.array();
    PodJson.containers(pod, PodJson.CONTAINERS)
        .filter(container -> !PodJson.name(container).equals(PodJson.PROXY))
        .flatMap(container -> container.path("ports").values().stream())
        .forEach(all::add);
    return all;
  }

  static void value(ArrayNode all, String name, String text) {
    all.addObject().put("name", name).put("value", text);
  }

  private static void field(ArrayNode all, String name, String path) {
    ObjectNode variable = all.addObject().put("name", name);
    variable
        .putObject("valueFrom")
        .putObject("fieldRef")
        .put("apiVersion", "v1")
        .put("fieldPath", path);
  }
}
