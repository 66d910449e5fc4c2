package io.selvage.control;

import io.selvage.control.generate.GrpcResources;
import io.selvage.control.generate.ProxyResources;
import io.selvage.xds.XdsType;
import io.selvage.xds.encode.GrpcEncoder;
import io.selvage.xds.grpc.GrpcResource;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.XdsResource;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.TypeResources;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Resources in their final bytes. Generation hands out the same object for what is equal, so each
 * is encoded once, and each set of one type is put together once, for all nodes that have it. What
 * neither this nor the last round used is forgotten.
 */
final class Encodings {
  private IdentityHashMap<Object, EncodedResource> lastResources = new IdentityHashMap<>();
  private IdentityHashMap<Object, EncodedResource> resources = new IdentityHashMap<>();
  private Map<Parts, TypeResources> lastSets = new HashMap<>();
  private Map<Parts, TypeResources> sets = new HashMap<>();

  /** What a set is made of, told apart by identity. */
  private static final class Parts {
    private final XdsType type;
    private final Object[] parts;
    private final int hash;

    Parts(XdsType type, Object... parts) {
      this.type = type;
      this.parts = parts;
      int sum = type.hashCode();
      for (Object part : parts) {
        sum = sum * 31 + System.identityHashCode(part);
      }
      this.hash = sum;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      if (!(other instanceof Parts that) || type != that.type || hash != that.hash) {
        return false;
      }
      if (parts.length != that.parts.length) {
        return false;
      }
      for (int i = 0; i < parts.length; i++) {
        if (!same(parts[i], that.parts[i])) {
          return false;
        }
      }
      return true;
    }

    // Identity is the point: equal parts are the same object, and comparing them deeply would cost
    // more than it saves.
    @SuppressWarnings("ReferenceEquality")
    private static boolean same(Object one, Object other) {
      return one == other;
    }

    @Override
    public int hashCode() {
      return hash;
    }
  }

  /** Everything that a proxy should have. */
  Map<XdsType, TypeResources> of(ProxyResources from) {
    Object httpProxy = from.httpProxy().isPresent() ? from.httpProxy().get() : this;
    Map<XdsType, TypeResources> types = new EnumMap<>(XdsType.class);
    types.put(
        XdsType.LISTENER,
        set(
            new Parts(XdsType.LISTENER, from.inbound(), httpProxy, from.outbound()),
            from::listeners));
    types.put(
        XdsType.CLUSTER,
        set(new Parts(XdsType.CLUSTER, from.inbound(), from.outbound()), from::clusters));
    types.put(XdsType.ROUTES, set(new Parts(XdsType.ROUTES, from.outbound()), from::routes));
    types.put(
        XdsType.ENDPOINTS, set(new Parts(XdsType.ENDPOINTS, from.endpoints()), from::endpoints));
    types.put(XdsType.SECRET, secrets(from.roots()));
    return types;
  }

  /** Everything that a workload should have that speaks xDS itself. */
  Map<XdsType, TypeResources> of(GrpcResources from) {
    Map<XdsType, TypeResources> types = new EnumMap<>(XdsType.class);
    types.put(
        XdsType.LISTENER,
        set(
            new Parts(XdsType.LISTENER, from.inbound(), from.outbound()),
            () ->
                Stream.concat(
                        from.inbound().listeners().stream(), from.outbound().listeners().stream())
                    .toList()));
    types.put(
        XdsType.CLUSTER,
        set(new Parts(XdsType.CLUSTER, from.outbound()), from.outbound()::clusters));
    types.put(
        XdsType.ROUTES, set(new Parts(XdsType.ROUTES, from.outbound()), from.outbound()::routes));
    types.put(
        XdsType.ENDPOINTS, set(new Parts(XdsType.ENDPOINTS, from.endpoints()), from::endpoints));
    types.put(XdsType.SECRET, secrets(from.roots()));
    return types;
  }

  private TypeResources secrets(Secret.Validation roots) {
    return roots.roots().isEmpty()
        ? TypeResources.NONE
        : set(new Parts(XdsType.SECRET, roots), () -> List.of(roots));
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

  private TypeResources set(Parts parts, Supplier<? extends List<?>> content) {
    TypeResources known = sets.get(parts);
    if (known == null) {
      known = lastSets.get(parts);
      if (known == null) {
        known = encoded(content.get());
      } else {
        content.get().forEach(this::encoded);
      }
      sets.put(parts, known);
    }
    return known;
  }

  private TypeResources encoded(List<?> records) {
    List<EncodedResource> encoded = new ArrayList<>(records.size());
    for (Object resource : records) {
      encoded.add(encoded(resource));
    }
    return TypeResources.of(encoded);
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

  private static EncodedResource fresh(Object resource) {
    return switch (resource) {
      case XdsResource xds -> EncodedResource.of(xds);
      case GrpcResource grpc ->
          EncodedResource.of(GrpcEncoder.type(grpc), grpc.name(), GrpcEncoder.encode(grpc));
      default -> throw new IllegalArgumentException("no resource: " + resource.getClass());
    };
  }
}
