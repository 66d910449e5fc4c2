package io.selvage.xds.client;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.Secret;
import java.util.Map;

/**
 * A whole configuration, by names; immutable. Whatever a listener or cluster in it names is in it:
 * route configurations, secrets, endpoints; but not the workload's own certificate ({@code
 * default}), whose key is made where it is used. Clusters that a route names may be missing (503).
 *
 * @param listeners by name
 * @param routes by name
 * @param clusters by name
 * @param endpoints by the EDS service name of their cluster
 * @param secrets by name
 */
public record ProxyConfig(
    Map<String, Listener> listeners,
    Map<String, RouteConfiguration> routes,
    Map<String, Cluster> clusters,
    Map<String, ClusterLoadAssignment> endpoints,
    Map<String, Secret> secrets) {
  /** Nothing. */
  public static final ProxyConfig EMPTY =
      new ProxyConfig(Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

  public ProxyConfig {
    listeners = Map.copyOf(listeners);
    routes = Map.copyOf(routes);
    clusters = Map.copyOf(clusters);
    endpoints = Map.copyOf(endpoints);
    secrets = Map.copyOf(secrets);
  }
}
