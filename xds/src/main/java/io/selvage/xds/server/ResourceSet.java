package io.selvage.xds.server;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Resources of one type that belong together, such as the clusters that all proxies of a namespace
 * see; immutable. It is one object for every node that has it: what is found out about it, such as
 * what changed since an earlier set, is found out once for all of them.
 */
public final class ResourceSet {
  /** No resource. */
  public static final ResourceSet NONE = of(List.of());

  private final String version;
  private final List<EncodedResource> sorted;
  private final Map<String, EncodedResource> byName;
  private final long bytes;
  private volatile @Nullable Since last;
  private volatile @Nullable Named named;

  /** Those of some names: what most clients ask for alike. */
  private record Named(WeakReference<Names> names, Selection selection) {}

  /**
   * Resources of some names.
   *
   * @param resources those that there are
   * @param bytes how much they are in a response
   * @param absent the names of which there is none
   */
  record Selection(List<EncodedResource> resources, long bytes, List<String> absent) {
    static final Selection NONE = new Selection(List.of(), 0, List.of());
  }

  /** What changed since an earlier set, which this one shall not keep in memory. */
  private record Since(WeakReference<ResourceSet> earlier, Difference difference) {}

  /**
   * What is not the same in a later set.
   *
   * @param changed in their new versions, also those that are new
   * @param removed names
   */
  record Difference(List<EncodedResource> changed, List<String> removed) {
    static final Difference NONE = new Difference(List.of(), List.of());
  }

  private ResourceSet(
      String version, List<EncodedResource> sorted, Map<String, EncodedResource> byName) {
    this.version = version;
    this.sorted = sorted;
    this.byName = byName;
    this.bytes = sorted.stream().mapToLong(EncodedResource::bytes).sum();
  }

  /**
   * A set whose version is a digest of names and versions.
   *
   * @throws IllegalArgumentException when two have one name
   */
  public static ResourceSet of(Collection<EncodedResource> resources) {
    TreeMap<String, EncodedResource> ordered = new TreeMap<>();
    for (EncodedResource resource : resources) {
      if (ordered.put(resource.name(), resource) != null) {
        throw new IllegalArgumentException("two resources are called " + resource);
      }
    }
    MessageDigest digest = EncodedResource.sha256();
    ordered.forEach(
        (name, resource) ->
            digest.update(
                (name + "\n" + resource.version() + "\n").getBytes(StandardCharsets.UTF_8)));
    return new ResourceSet(
        HexFormat.of().formatHex(digest.digest(), 0, 8),
        List.copyOf(ordered.values()),
        new HashMap<>(ordered));
  }

  /** Changes exactly when a resource does. */
  public String version() {
    return version;
  }

  /** All of them, in the order of their names. */
  public List<EncodedResource> all() {
    return sorted;
  }

  /** The resource of that name. */
  public Optional<EncodedResource> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** Those that have one of the names. */
  Selection named(Names wanted) {
    Named known = named;
    if (known != null && known.names().refersTo(wanted)) {
      return known.selection();
    }
    List<EncodedResource> found =
        sorted.stream().filter(resource -> wanted.contains(resource.name())).toList();
    Selection selection =
        new Selection(
            found,
            found.stream().mapToLong(EncodedResource::bytes).sum(),
            wanted.all().stream().filter(name -> !byName.containsKey(name)).toList());
    named = new Named(new WeakReference<>(wanted), selection);
    return selection;
  }

  /** How many bytes all of them are in a response. */
  long bytes() {
    return bytes;
  }

  /** What changed since {@code earlier}. */
  Difference since(ResourceSet earlier) {
    if (earlier.version.equals(version)) {
      return Difference.NONE;
    }
    Since known = last;
    if (known != null && known.earlier().refersTo(earlier)) {
      return known.difference();
    }
    Difference found = compare(earlier);
    last = new Since(new WeakReference<>(earlier), found);
    return found;
  }

  private Difference compare(ResourceSet earlier) {
    List<EncodedResource> changed = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    for (EncodedResource resource : sorted) {
      EncodedResource before = earlier.byName.get(resource.name());
      if (before == null || !before.version().equals(resource.version())) {
        changed.add(resource);
      }
    }
    for (EncodedResource before : earlier.sorted) {
      if (!byName.containsKey(before.name())) {
        removed.add(before.name());
      }
    }
    return new Difference(List.copyOf(changed), List.copyOf(removed));
  }

  @Override
  public String toString() {
    return sorted.size() + " resources@" + version;
  }
}
