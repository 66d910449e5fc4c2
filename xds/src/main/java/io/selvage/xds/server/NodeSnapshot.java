package io.selvage.xds.server;

import io.selvage.xds.XdsType;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Everything that one node should have, by type; immutable. */
public record NodeSnapshot(Map<XdsType, TypeResources> types) {
  /** Nothing. */
  public static final NodeSnapshot EMPTY = new NodeSnapshot(Map.of());

  public NodeSnapshot {
    types = Map.copyOf(types);
  }

  /** A snapshot of these resources. */
  public static NodeSnapshot of(Collection<EncodedResource> resources) {
    Map<XdsType, TypeResources> types = new EnumMap<>(XdsType.class);
    resources.stream()
        .collect(Collectors.groupingBy(EncodedResource::type))
        .forEach((type, of) -> types.put(type, TypeResources.of(of)));
    return new NodeSnapshot(types);
  }

  /** The resources of a type; none when it isn't there. */
  public TypeResources of(XdsType type) {
    return types.getOrDefault(type, TypeResources.NONE);
  }
}
