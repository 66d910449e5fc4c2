package io.selvage.control;

import io.selvage.control.generate.GrpcOutbound;
import io.selvage.control.generate.GrpcResources;
import io.selvage.control.generate.Inbound;
import io.selvage.control.generate.Outbound;
import io.selvage.control.generate.ProxyResources;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.EncodedParts;
import io.selvage.xds.encode.GrpcEncoder;
import io.selvage.xds.grpc.GrpcResource;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.XdsResource;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.NodeSnapshot;
import io.selvage.xds.server.ResourceSet;
import io.selvage.xds.server.TypeResources;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Resources in their final bytes. Generation hands out the same object for what is equal, so each
 * is encoded once, and each set of one type is put together once, for all nodes that have it. What
 * neither this nor the last round used is forgotten.
 */
final class Encodings {
  private final EncodedParts parts = new EncodedParts();
  private IdentityHashMap<Object, EncodedResource> lastResources = new IdentityHashMap<>();
  private IdentityHashMap<Object, EncodedResource> resources = new IdentityHashMap<>();
  private Map<Part, ResourceSet> lastSets = new HashMap<>();
  private Map<Part, ResourceSet> sets = new HashMap<>();

  /**
   * What a set is made of, told apart by identity: equal parts are the same object, and comparing
   * them deeply would cost more than it saves.
   */
  private record Part(XdsType type, Object of) {
    @SuppressWarnings("ReferenceEquality")
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Part that && type == that.type && of == that.of;
    }

    @Override
    public int hashCode() {
      return type.hashCode() * 31 + System.identityHashCode(of);
    }
  }

  /**
   * Everything that a proxy should have; what it shares with others comes first.
   *
   * @param earlier what it had, for what is still so
   */
  Map<XdsType, TypeResources> of(ProxyResources from, NodeSnapshot earlier) {
    Outbound outbound = from.outbound();
    Inbound inbound = from.inbound();
    List<ResourceSet> listeners = new ArrayList<>();
    listeners.add(set(XdsType.LISTENER, outbound.listeners(), outbound.listeners()));
    listeners.add(listeners(inbound));
    from.httpProxy().ifPresent(own -> listeners.add(set(XdsType.LISTENER, own, List.of(own))));
    return types(
        earlier.of(XdsType.LISTENER).orJoined(listeners),
        earlier
            .of(XdsType.CLUSTER)
            .orJoined(
                List.of(
                    set(XdsType.CLUSTER, outbound.clusters(), outbound.clusters()),
                    set(XdsType.CLUSTER, inbound.clusters(), inbound.clusters()))),
        earlier.of(XdsType.EXTENSION).orJoined(extensions(inbound)),
        from.httpProxy().isPresent()
            ? set(XdsType.ROUTES, outbound.routes(), outbound.routes())
            : set(XdsType.ROUTES, outbound, outbound.routesOfCaptured()),
        endpoints(from.endpoints(), from.endpointsByNode()),
        from.roots());
  }

  /** The listeners of an inbound side. */
  ResourceSet listeners(Inbound inbound) {
    return set(XdsType.LISTENER, inbound.listeners(), inbound.listeners());
  }

  /** The filters that the listeners of an inbound side name. */
  private List<ResourceSet> extensions(Inbound inbound) {
    return List.of(
        set(XdsType.EXTENSION, inbound.policies(), inbound.policies()),
        set(XdsType.EXTENSION, inbound.marks(), inbound.marks()));
  }

  /** The version of all that a proxy enforces. */
  String enforced(Inbound inbound) {
    return enforced(inbound, TypeResources.joined(extensions(inbound)));
  }

  /** As {@link #enforced(Inbound)}, by the filters that it was told. */
  String enforced(Inbound inbound, TypeResources extensions) {
    return listeners(inbound).version() + "/" + extensions.version();
  }

  /** Everything that a workload should have that speaks xDS itself. */
  Map<XdsType, TypeResources> of(GrpcResources from) {
    GrpcOutbound outbound = from.outbound();
    return types(
        TypeResources.joined(
            List.of(
                set(XdsType.LISTENER, outbound, outbound.listeners()),
                set(XdsType.LISTENER, from.inbound(), from.inbound().listeners()))),
        TypeResources.of(set(XdsType.CLUSTER, outbound, outbound.clusters())),
        TypeResources.NONE,
        set(XdsType.ROUTES, outbound, outbound.routes()),
        endpoints(from.endpoints(), from.endpointsByNode()),
        from.roots());
  }

  private Map<XdsType, TypeResources> types(
      TypeResources listeners,
      TypeResources clusters,
      TypeResources extensions,
      ResourceSet routes,
      TypeResources endpoints,
      Secret.Validation roots) {
    Map<XdsType, TypeResources> types = new EnumMap<>(XdsType.class);
    types.put(XdsType.LISTENER, listeners);
    types.put(XdsType.CLUSTER, clusters);
    types.put(XdsType.EXTENSION, extensions);
    types.put(XdsType.ROUTES, TypeResources.of(routes));
    types.put(XdsType.ENDPOINTS, endpoints);
    types.put(XdsType.SECRET, secrets(roots));
    return types;
  }

  private TypeResources endpoints(
      List<ClusterLoadAssignment> alike, List<ClusterLoadAssignment> byNode) {
    ResourceSet shared = set(XdsType.ENDPOINTS, alike, alike);
    return byNode.isEmpty()
        ? TypeResources.of(shared)
        : TypeResources.joined(List.of(shared, set(XdsType.ENDPOINTS, byNode, byNode)));
  }

  private TypeResources secrets(Secret.Validation roots) {
    return roots.roots().isEmpty()
        ? TypeResources.NONE
        : TypeResources.of(set(XdsType.SECRET, roots, List.of(roots)));
  }

  /** The version of the set that holds these roots; empty when there are none. */
  Optional<String> secretsVersion(Secret.Validation roots) {
    return roots.roots().isEmpty() ? Optional.empty() : Optional.of(secrets(roots).version());
  }

  /** Begins a round; what the last one used is still known. */
  void nextRound() {
    lastResources = resources;
    resources = new IdentityHashMap<>();
    lastSets = sets;
    sets = new HashMap<>();
  }

  private ResourceSet set(XdsType type, Object part, List<?> content) {
    Part key = new Part(type, part);
    ResourceSet known = sets.get(key);
    if (known == null) {
      known = lastSets.get(key);
      List<EncodedResource> encoded = new ArrayList<>(content.size());
      content.forEach(resource -> encoded.add(encoded(resource)));
      if (known == null) {
        known = ResourceSet.of(encoded);
      }
      sets.put(key, known);
    }
    return known;
  }

  private EncodedResource encoded(Object resource) {
    EncodedResource known = resources.get(resource);
    if (known == null) {
      known = lastResources.get(resource);
      if (known == null) {
        known = fresh(resource);
      }
      resources.put(resource, known);
    }
    return known;
  }

  private EncodedResource fresh(Object resource) {
    return switch (resource) {
      case XdsResource xds -> EncodedResource.of(xds, parts);
      case GrpcResource grpc ->
          EncodedResource.of(GrpcEncoder.type(grpc), grpc.name(), GrpcEncoder.encode(grpc, parts));
      default -> throw new IllegalArgumentException("no resource: " + resource.getClass());
    };
  }
}
