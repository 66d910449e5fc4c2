package io.selvage.xds.client;

import io.selvage.xds.XdsType;
import io.selvage.xds.resource.Cluster;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Discovery;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.RouteConfiguration;
import io.selvage.xds.resource.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One consistent configuration of all that came. A listener or cluster that names something which
 * isn't there yet waits; the one that was used before, if any, stays in use with all that it names.
 */
final class Assembly {
  private final Function<XdsType, TypeWorld> worlds;
  private final References references;
  private final ProxyConfig last;
  private final Discovery discovery;

  private final Map<String, Listener> listeners = new HashMap<>();
  private final Map<String, RouteConfiguration> routes = new HashMap<>();
  private final Map<String, Cluster> clusters = new HashMap<>();
  private final Map<String, ClusterLoadAssignment> endpoints = new HashMap<>();
  private final Map<String, Secret> secrets = new HashMap<>();
  private final List<String> waiting = new ArrayList<>();

  /**
   * What came out.
   *
   * @param config consistent
   * @param waiting who waits for what; not in {@code config}, or there as it was
   */
  record Result(ProxyConfig config, List<String> waiting) {}

  private Assembly(Function<XdsType, TypeWorld> worlds, References references, ProxyConfig last) {
    this.worlds = worlds;
    this.references = references;
    this.last = last;
    this.discovery =
        new Discovery(name -> worlds.apply(XdsType.EXTENSION).get(name, ExtensionConfig.class));
  }

  static Result assemble(
      Function<XdsType, TypeWorld> worlds, References references, ProxyConfig last) {
    Assembly assembly = new Assembly(worlds, references, last);
    assembly.clusters();
    assembly.listeners();
    return new Result(
        new ProxyConfig(
            assembly.listeners,
            assembly.routes,
            assembly.clusters,
            assembly.endpoints,
            assembly.secrets),
        assembly.waiting.stream().sorted().toList());
  }

  private void clusters() {
    for (Cluster cluster : worlds.apply(XdsType.CLUSTER).all(Cluster.class)) {
      List<String> missing = missingSecrets(references.secrets(cluster));
      References.endpoints(cluster)
          .filter(name -> endpoints(name).isEmpty())
          .ifPresent(name -> missing.add("endpoints " + name));
      use(cluster, missing, last.clusters().get(cluster.name()));
    }
  }

  private void use(Cluster cluster, List<String> missing, @Nullable Cluster before) {
    @Nullable Cluster used = missing.isEmpty() ? cluster : before;
    if (!missing.isEmpty()) {
      waiting.add("cluster " + cluster.name() + " waits for " + String.join(", ", missing));
    }
    if (used == null) {
      return;
    }
    clusters.put(used.name(), used);
    secrets(references.secrets(used));
    References.endpoints(used)
        .ifPresent(
            name ->
                endpoints(name)
                    .or(() -> Optional.ofNullable(last.endpoints().get(name)))
                    .ifPresent(assignment -> endpoints.put(name, assignment)));
  }

  /** Endpoints that the control plane doesn't know are none. */
  private Optional<ClusterLoadAssignment> endpoints(String name) {
    TypeWorld world = worlds.apply(XdsType.ENDPOINTS);
    return world.isAbsent(name)
        ? Optional.of(new ClusterLoadAssignment(name, List.of()))
        : world.get(name, ClusterLoadAssignment.class);
  }

  private void listeners() {
    for (Listener listener : worlds.apply(XdsType.LISTENER).all(Listener.class)) {
      List<String> missing = missingSecrets(references.secrets(listener));
      for (String name : References.routes(listener)) {
        if (worlds.apply(XdsType.ROUTES).get(name, RouteConfiguration.class).isEmpty()) {
          missing.add("routes " + name);
        }
      }
      missing.addAll(discovery.missing(listener));
      use(listener, missing, last.listeners().get(listener.name()));
    }
  }

  private void use(Listener listener, List<String> missing, @Nullable Listener before) {
    @Nullable Listener used = missing.isEmpty() ? discovery.whole(listener) : before;
    if (!missing.isEmpty()) {
      waiting.add("listener " + listener.name() + " waits for " + String.join(", ", missing));
    }
    if (used == null) {
      return;
    }
    listeners.put(used.name(), used);
    secrets(references.secrets(used));
    for (String name : References.routes(used)) {
      worlds
          .apply(XdsType.ROUTES)
          .get(name, RouteConfiguration.class)
          .or(() -> Optional.ofNullable(last.routes().get(name)))
          .ifPresent(found -> routes.put(name, found));
    }
  }

  private List<String> missingSecrets(Iterable<String> names) {
    List<String> missing = new ArrayList<>();
    for (String name : names) {
      if (worlds.apply(XdsType.SECRET).get(name, Secret.class).isEmpty()) {
        missing.add("secret " + name);
      }
    }
    return missing;
  }

  private void secrets(Iterable<String> names) {
    for (String name : names) {
      worlds
          .apply(XdsType.SECRET)
          .get(name, Secret.class)
          .or(() -> Optional.ofNullable(last.secrets().get(name)))
          .ifPresent(secret -> secrets.put(name, secret));
    }
  }
}
