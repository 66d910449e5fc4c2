package io.selvage.xds.server;

import io.selvage.xds.XdsType;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Everything that one node should have, by type; immutable.
 *
 * @param isKnown false when it is not known yet what that is. Nothing is sent then: an empty answer
 *     would take from the node what it has from before a control plane's restart
 */
public record NodeSnapshot(Map<XdsType, TypeResources> types, boolean isKnown) {
  /** Nothing: what the node has goes. */
  public static final NodeSnapshot EMPTY = new NodeSnapshot(Map.of());

  /** Nobody knows yet: what the node has stays. */
  public static final NodeSnapshot UNKNOWN = new NodeSnapshot(Map.of(), false);

  public NodeSnapshot {
    EnumMap<XdsType, TypeResources> copy = new EnumMap<>(XdsType.class);
    copy.putAll(types);
    types = Collections.unmodifiableMap(copy);
  }

  /** A snapshot of these, which are all. */
  public NodeSnapshot(Map<XdsType, TypeResources> types) {
    this(types, true);
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
