package io.selvage.it.istiod;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A pod with a sidecar, as Kubernetes knows it; it runs wherever its address is.
 *
 * @param name the pod's
 * @param account its ServiceAccount's name
 * @param address its IPv4 address
 * @param labels beside those that Istio's injector adds
 */
public record Workload(
    String namespace, String name, String account, String address, Map<String, String> labels) {
  /** The label that tells clients how to reach it; {@code disabled} where there is no sidecar. */
  static final String TLS_MODE = "security.istio.io/tlsMode";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  public Workload {
    labels = Map.copyOf(labels);
  }

  /**
   * A port of a service.
   *
   * @param name by whose beginning Istio knows the protocol, as in {@code http-web}
   * @param target the workload's port
   */
  public record ServicePort(String name, int port, int target) {}

  /** Namespace, ServiceAccount and Pod. */
  public List<JsonNode> objects() {
    return Manifest.read(
        """
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%1$s"}}
        ---
        apiVersion: v1
        kind: ServiceAccount
        metadata: {name: %3$s, namespace: %1$s}
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: %2$s
          namespace: %1$s
          labels: %4$s
          annotations: {sidecar.istio.io/status: '{}'}
        spec:
          serviceAccountName: %3$s
          nodeName: node
          containers: [{name: app, image: app}]
        """
            .formatted(namespace, name, account, JSON.writeValueAsString(allLabels())));
  }

  private Map<String, String> allLabels() {
    var all = new java.util.HashMap<>(labels);
    all.putIfAbsent(TLS_MODE, "istio"); // as the injector says that there is a sidecar
    return all;
  }

  /** The Pod as kubelet and scheduler would have it. */
  public JsonNode running() {
    return Manifest.read(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: %2$s, namespace: %1$s}
            status:
              phase: Running
              podIP: %3$s
              podIPs: [{ip: %3$s}]
              conditions: [{type: Ready, status: "True"}]
            """
                .formatted(namespace, name, address))
        .getFirst();
  }

  /** A Service of this workload's namespace, and the EndpointSlice that a controller would make. */
  public List<JsonNode> service(String service, List<ServicePort> ports) {
    var outside = new ArrayList<Map<String, Object>>();
    var inside = new ArrayList<Map<String, Object>>();
    for (ServicePort each : ports) {
      outside.add(Map.of("name", each.name(), "port", each.port(), "targetPort", each.target()));
      inside.add(Map.of("name", each.name(), "port", each.target()));
    }
    return Manifest.read(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %2$s, namespace: %1$s}
        spec: {selector: %5$s, ports: %6$s}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata:
          name: %2$s-1
          namespace: %1$s
          labels: {kubernetes.io/service-name: %2$s}
        addressType: IPv4
        endpoints:
        - addresses: [%4$s]
          conditions: {ready: true}
          nodeName: node
          targetRef: {kind: Pod, name: %3$s, namespace: %1$s}
        ports: %7$s
        """
            .formatted(
                namespace,
                service,
                name,
                address,
                JSON.writeValueAsString(labels),
                JSON.writeValueAsString(outside),
                JSON.writeValueAsString(inside)));
  }
}
