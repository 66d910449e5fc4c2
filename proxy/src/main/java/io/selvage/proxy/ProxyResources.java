package io.selvage.proxy;

import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.TlsSettings;
import io.selvage.xds.resource.XdsResource;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All that a workload's proxy is told at one moment, by name within each type; key material comes
 * apart ({@link io.selvage.proxy.tls.KeyMaterial}).
 */
public record ProxyResources(
    Map<String, Listener> listeners,
    Map<String, RouteConfiguration> routes,
    Map<String, Cluster> clusters,
    Map<String, ClusterLoadAssignment> endpoints) {
  /** Nothing. */
  public static final ProxyResources NONE = of(List.of(), List.of(), List.of(), List.of());

  public ProxyResources {
    listeners = Map.copyOf(listeners);
    routes = Map.copyOf(routes);
    clusters = Map.copyOf(clusters);
    endpoints = Map.copyOf(endpoints);
  }

  /** From lists; of equal names the last holds. */
  public static ProxyResources of(
      Collection<Listener> listeners,
      Collection<RouteConfiguration> routes,
      Collection<Cluster> clusters,
      Collection<ClusterLoadAssignment> endpoints) {
    return new ProxyResources(
        byName(listeners), byName(routes), byName(clusters), byName(endpoints));
  }

  /** Every set of TLS settings that occurs. */
  Set<TlsSettings> tlsSettings() {
    Set<TlsSettings> all = new HashSet<>();
    for (Listener listener : listeners.values()) {
      listener.filterChains().forEach(chain -> chain.tls().ifPresent(all::add));
      listener.defaultFilterChain().flatMap(FilterChain::tls).ifPresent(all::add);
    }
    for (Cluster cluster : clusters.values()) {
      cluster.transport().forEach(transport -> transport.tls().ifPresent(all::add));
    }
    return all;
  }

  private static <R extends XdsResource> Map<String, R> byName(Collection<R> resources) {
    Map<String, R> map = new LinkedHashMap<>();
    resources.forEach(resource -> map.put(resource.name(), resource));
    return map;
  }
}
