package io.selvage.xds.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who a client says it is: Istio's node id, {@code
 * sidecar~10.1.2.3~httpbin-1.sample~sample.svc.cluster.local}, and its metadata.
 *
 * @param text as sent
 * @param kind {@code sidecar}, {@code router}, {@code waypoint}
 * @param address the workload's own
 * @param name of the workload
 * @param namespace of the workload
 * @param domain DNS suffix of its short names
 * @param metadata top-level text values, such as {@code CLUSTER_ID} and {@code SERVICE_ACCOUNT}
 * @param features what it can do that not every client can ({@code client_features})
 */
public record NodeId(
    String text,
    String kind,
    InetAddress address,
    String name,
    String namespace,
    String domain,
    Map<String, String> metadata,
    Set<String> features) {
  private static final int LONGEST = 512;

  public NodeId {
    metadata = Map.copyOf(metadata);
    features = Set.copyOf(features);
  }

  /**
   * Reads a node.
   *
   * @throws IllegalArgumentException with the reason
   */
  public static NodeId of(Node node) {
    String id = node.getId();
    String[] parts = id.split("~", -1);
    if (id.length() > LONGEST || parts.length != 4) {
      throw new IllegalArgumentException(
          "a node id is KIND~IP~NAME.NAMESPACE~DOMAIN, not " + clean(id));
    }
    int dot = parts[2].lastIndexOf('.');
    if (dot <= 0 || dot == parts[2].length() - 1 || !clean(id).equals(id)) {
      throw new IllegalArgumentException(
          "the third part of a node id is NAME.NAMESPACE, not " + clean(parts[2]));
    }
    return new NodeId(
        id,
        parts[0],
        address(parts[1]),
        parts[2].substring(0, dot),
        parts[2].substring(dot + 1),
        parts[3],
        texts(node.getMetadata()),
        Set.copyOf(node.getClientFeaturesList()));
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the second part of a node id is an IP address, not " + clean(text), e);
    }
  }

  private static Map<String, String> texts(Struct from) {
    Map<String, String> to = new TreeMap<>();
    from.getFieldsMap()
        .forEach(
            (key, value) -> {
              if (value.getKindCase() == Value.KindCase.STRING_VALUE) {
                to.put(key, value.getStringValue());
              }
            });
    return to;
  }

  private static String clean(String text) {
    StringBuilder out = new StringBuilder();
    text.chars().limit(LONGEST).forEach(c -> out.append(c > ' ' && c < 0x7f ? (char) c : '?'));
    return out.toString();
  }
}
