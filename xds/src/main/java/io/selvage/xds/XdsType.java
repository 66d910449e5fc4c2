package io.selvage.xds;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.XdsResource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A type of xDS resource, in the order in which a push sends them: what is referred to by a later
 * type is there before it (xDS protocol, "eventual consistency considerations": CDS, EDS, LDS, RDS;
 * secrets last). What changed of the filters that listeners name comes before the listeners.
 */
public enum XdsType {
  /** CDS. */
  CLUSTER("envoy.config.cluster.v3.Cluster", true),
  /** EDS. */
  ENDPOINTS("envoy.config.endpoint.v3.ClusterLoadAssignment", false),
  /** ECDS. */
  EXTENSION("envoy.config.core.v3.TypedExtensionConfig", false),
  /** LDS. */
  LISTENER("envoy.config.listener.v3.Listener", true),
  /** RDS. */
  ROUTES("envoy.config.route.v3.RouteConfiguration", false),
  /** SDS. */
  SECRET("envoy.extensions.transport_sockets.tls.v3.Secret", false);

  /** What comes before the message name in every type URL. */
  public static final String PREFIX = "type.googleapis.com/";

  private static final Map<String, XdsType> BY_URL =
      Arrays.stream(values()).collect(Collectors.toMap(XdsType::url, Function.identity()));

  private final String url;
  private final boolean whole;

  XdsType(String message, boolean whole) {
    this.url = PREFIX + message;
    this.whole = whole;
  }

  /** As in {@code type_url}. */
  public String url() {
    return url;
  }

  /**
   * Whether a state-of-the-world response holds the whole set, so that what is absent is deleted
   * (LDS and CDS), or only some of what was asked for.
   */
  public boolean isWholeSet() {
    return whole;
  }

  /** The type with that URL. */
  public static Optional<XdsType> ofUrl(String url) {
    return Optional.ofNullable(BY_URL.get(url));
  }

  /** The type of a resource. */
  public static XdsType of(XdsResource resource) {
    return switch (resource) {
      case Cluster _ -> CLUSTER;
      case ClusterLoadAssignment _ -> ENDPOINTS;
      case ExtensionConfig _ -> EXTENSION;
      case Listener _ -> LISTENER;
      case RouteConfiguration _ -> ROUTES;
      case Secret _ -> SECRET;
    };
  }
}
