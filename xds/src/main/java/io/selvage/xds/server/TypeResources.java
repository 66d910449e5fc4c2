package io.selvage.xds.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * All resources of one type that a node should have; immutable. Share one instance between nodes
 * with the same set: the work of comparing is then shared too.
 *
 * @param version changes exactly when a resource does
 * @param byName in the order of names
 */
public record TypeResources(String version, Map<String, EncodedResource> byName) {
  /** No resource. */
  public static final TypeResources NONE = of(java.util.List.of());

  public TypeResources {
    byName = Collections.unmodifiableMap(new TreeMap<>(byName));
  }

  /** A set whose version is a digest of names and versions. */
  public static TypeResources of(Collection<EncodedResource> resources) {
    Map<String, EncodedResource> byName = new TreeMap<>();
    for (EncodedResource resource : resources) {
      if (byName.put(resource.name(), resource) != null) {
        throw new IllegalArgumentException("two resources are called " + resource);
      }
    }
    MessageDigest digest = EncodedResource.sha256();
    byName.forEach(
        (name, resource) ->
            digest.update(
                (name + "\n" + resource.version() + "\n").getBytes(StandardCharsets.UTF_8)));
    return new TypeResources(HexFormat.of().formatHex(digest.digest(), 0, 8), byName);
  }
}
