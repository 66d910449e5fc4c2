package io.selvage.xds.encode;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.XdsResource;

/**
 * Writes resources as Envoy v3 protos. Equal records give equal bytes, so that a version may be a
 * digest of them.
 */
public final class ResourceEncoder {
  private ResourceEncoder() {}

  /**
   * The resource packed for a discovery response.
   *
   * @throws EncodingException when Envoy has no form for it
   */
  public static Any encode(XdsResource resource) {
    return encode(resource, new EncodedParts());
  }

  /**
   * The resource packed for a discovery response.
   *
   * @param parts what it has in common with others that are encoded with them
   * @throws EncodingException when Envoy has no form for it
   */
  public static Any encode(XdsResource resource, EncodedParts parts) {
    return Packing.pack(message(resource, parts));
  }

  /**
   * The resource's message.
   *
   * @throws EncodingException when Envoy has no form for it
   */
  public static Message message(XdsResource resource) {
    return message(resource, new EncodedParts());
  }

  private static Message message(XdsResource resource, EncodedParts parts) {
    return switch (resource) {
      case Listener listener -> new ListenerEncoder(parts).encode(listener);
      case RouteConfiguration routes -> RouteEncoder.encode(routes);
      case Cluster cluster -> ClusterEncoder.encode(cluster);
      case ClusterLoadAssignment endpoints -> EndpointsEncoder.encode(endpoints);
      case ExtensionConfig extension -> AuthorizationEncoder.extension(extension, parts);
      case Secret secret -> SecretEncoder.encode(secret);
    };
  }
}
