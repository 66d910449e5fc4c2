package io.selvage.proxy.join;

import io.selvage.xds.client.NodeDescription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a sidecar introduces itself to istiod: node id and metadata as Istio's agent makes them. */
final class IstioNode {
  /** Whose sidecar configuration this proxy was tested with. */
  private static final String ISTIO_VERSION = "1.31.0";

  private IstioNode() {}

  static NodeDescription of(JoinSettings settings) {
    JoinSettings.Identity workload = settings.workload();
    Map<String, Object> metadata = new HashMap<>(workload.metadata());
    metadata.put("ISTIO_VERSION", ISTIO_VERSION);
    metadata.put("NAME", workload.name());
    metadata.put("NAMESPACE", workload.namespace());
    metadata.putIfAbsent("WORKLOAD_NAME", workload.name());
    metadata.put("SERVICE_ACCOUNT", workload.serviceAccount());
    metadata.put("LABELS", workload.labels());
    metadata.putIfAbsent("INSTANCE_IPS", workload.address());
    metadata.put("CLUSTER_ID", settings.clusterId());
    metadata.put("MESH_ID", settings.meshId());
    metadata.put("INTERCEPTION_MODE", "REDIRECT");
    metadata.put("PILOT_SAN", List.of(settings.controlPlane().serverName()));
    settings.network().ifPresent(network -> metadata.put("NETWORK", network));
    return new NodeDescription(
        "sidecar~%s~%s.%s~%s.svc.%s"
            .formatted(
                workload.address(),
                workload.name(),
                workload.namespace(),
                workload.namespace(),
                workload.domain()),
        workload.labels().getOrDefault("app", workload.name()) + "." + workload.namespace(),
        metadata);
  }
}
