package io.selvage.xds.client;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.Collection;
import java.util.Map;

/**
 * Who this proxy says it is.
 *
 * @param id {@code sidecar~10.1.2.3~httpbin-1.sample~sample.svc.cluster.local}
 * @param cluster {@code httpbin.sample}
 * @param metadata Istio's node metadata, such as {@code CLUSTER_ID}, {@code NAMESPACE}, {@code
 *     SERVICE_ACCOUNT}; values are texts, truth values, numbers, lists and maps of such
 */
public record NodeDescription(String id, String cluster, Map<String, ?> metadata) {
  public NodeDescription {
    metadata = Map.copyOf(metadata);
  }

  /** As Envoy says it. */
  public Node node() {
    return Node.newBuilder()
        .setId(id)
        .setCluster(cluster)
        .setMetadata(struct(metadata))
        .setUserAgentName("selvage")
        .build();
  }

  private static Struct struct(Map<?, ?> from) {
    Struct.Builder to = Struct.newBuilder();
    from.forEach((key, value) -> to.putFields(String.valueOf(key), value(value)));
    return to.build();
  }

  private static Value value(Object from) {
    Value.Builder to = Value.newBuilder();
    switch (from) {
      case Map<?, ?> map -> to.setStructValue(struct(map));
      case Collection<?> items -> {
        ListValue.Builder list = ListValue.newBuilder();
        items.forEach(item -> list.addValues(value(item)));
        to.setListValue(list);
      }
      case Boolean truth -> to.setBoolValue(truth);
      case Number number -> to.setNumberValue(number.doubleValue());
      default -> to.setStringValue(from.toString());
    }
    return to.build();
  }
}
