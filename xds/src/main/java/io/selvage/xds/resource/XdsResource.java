package io.selvage.xds.resource;

/** A named resource of one of the xDS types that Selvage gives and takes. */
public sealed interface XdsResource
    permits Listener, RouteConfiguration, Cluster, ClusterLoadAssignment, ExtensionConfig, Secret {
  /** Unique within its type. */
  String name();
}
