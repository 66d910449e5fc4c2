package io.selvage.proxy.join;

import io.selvage.xds.client.NodeDescription;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a sidecar or a gateway introduces itself to istiod: node id and metadata as Istio's agent
 * makes them.
 */
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
    metadata.put("PILOT_SAN", List.of(settings.controlPlane().serverName()));
    settings.network().ifPresent(network -> metadata.put("NETWORK", network));
    switch (settings.role()) {
      case SIDECAR -> metadata.put("INTERCEPTION_MODE", "REDIRECT");
      case ROUTER -> // what comes in from another network must not go on to a third one
          settings.network().ifPresent(own -> metadata.put("REQUESTED_NETWORK_VIEW", own));
    }
    return new NodeDescription(
        "%s~%s~%s.%s~%s.svc.%s"
            .formatted(
                settings.role().name().toLowerCase(Locale.ROOT),
                workload.address(),
                workload.name(),
                workload.namespace(),
                workload.namespace(),
                workload.domain()),
        workload.labels().getOrDefault("app", workload.name()) + "." + workload.namespace(),
        metadata);
  }
}
