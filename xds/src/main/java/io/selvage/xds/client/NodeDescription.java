package io.selvage.xds.client;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.Map;

/**
 * Who this proxy says it is.
 *
 * @param id {@code sidecar~10.1.2.3~httpbin-1.sample~sample.svc.cluster.local}
 * @param cluster {@code httpbin.sample}
 * @param metadata Istio's node metadata, such as {@code CLUSTER_ID}, {@code NAMESPACE}, {@code
 *     SERVICE_ACCOUNT}
 */
public record NodeDescription(String id, String cluster, Map<String, String> metadata) {
  public NodeDescription {
    metadata = Map.copyOf(metadata);
  }

  /** As Envoy says it. */
  public Node node() {
    Struct.Builder struct = Struct.newBuilder();
    metadata.forEach(
        (key, value) -> struct.putFields(key, Value.newBuilder().setStringValue(value).build()));
    return Node.newBuilder()
        .setId(id)
        .setCluster(cluster)
        .setMetadata(struct)
        .setUserAgentName("selvage")
        .build();
  }
}
