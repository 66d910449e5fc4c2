package io.selvage.xds.server;

import io.selvage.xds.server.ResourceSet.Difference;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All resources of one type that a node should have; immutable. It is made of sets, of which most
 * are shared with other nodes: a node's own part is small, and so is what it costs.
 */
public final class TypeResources {
  /** No resource. */
  public static final TypeResources NONE = of(ResourceSet.NONE);

  private final String version;
  private final List<ResourceSet> sets;

  private TypeResources(String version, List<ResourceSet> sets) {
    this.version = version;
    this.sets = sets;
  }

  /** These resources, as a set of their own. */
  public static TypeResources of(Collection<EncodedResource> resources) {
    return of(ResourceSet.of(resources));
  }

  /** This set. */
  public static TypeResources of(ResourceSet set) {
    return new TypeResources(set.version(), List.of(set));
  }

  /**
   * The resources of these sets. Two nodes that shall be comparable, or one node over time, give
   * them in the same order.
   *
   * @throws IllegalArgumentException when two sets have one name
   */
  public static TypeResources joined(List<ResourceSet> sets) {
    if (sets.size() == 1) {
      return of(sets.getFirst());
    }
    for (int i = 0; i < sets.size(); i++) {
      for (int j = 0; j < i; j++) {
        requireApart(sets.get(i), sets.get(j));
      }
    }
    MessageDigest digest = EncodedResource.sha256();
    sets.forEach(set -> digest.update((set.version() + "\n").getBytes(StandardCharsets.UTF_8)));
    return new TypeResources(HexFormat.of().formatHex(digest.digest(), 0, 8), List.copyOf(sets));
  }

  /**
   * As {@link #joined(List)}; these resources themselves when they are of the very same sets, as
   * they are for most nodes after most changes.
   */
  public TypeResources orJoined(List<ResourceSet> others) {
    return areOf(others) ? this : joined(others);
  }

  @SuppressWarnings("ReferenceEquality")
  private boolean areOf(List<ResourceSet> others) {
    if (sets.size() != others.size()) {
      return false;
    }
    for (int i = 0; i < sets.size(); i++) {
      if (sets.get(i) != others.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static void requireApart(ResourceSet one, ResourceSet other) {
    boolean smaller = one.all().size() <= other.all().size();
    ResourceSet few = smaller ? one : other;
    ResourceSet many = smaller ? other : one;
    for (EncodedResource resource : few.all()) {
      if (many.get(resource.name()).isPresent()) {
        throw new IllegalArgumentException("two resources are called " + resource);
      }
    }
  }

  /** Changes exactly when a resource does. */
  public String version() {
    return version;
  }

  /** How many there are. */
  public int size() {
    return sets.stream().mapToInt(set -> set.all().size()).sum();
  }

  /** The resource of that name. */
  public Optional<EncodedResource> get(String name) {
    for (ResourceSet set : sets) {
      Optional<EncodedResource> found = set.get(name);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** All of them; in the order of their names within each set. */
  public List<EncodedResource> all() {
    if (sets.size() == 1) {
      return sets.getFirst().all();
    }
    List<EncodedResource> all = new ArrayList<>(size());
    sets.forEach(set -> all.addAll(set.all()));
    return all;
  }

  /** How many bytes all of them are in a response. */
  long bytes() {
    return sets.stream().mapToLong(ResourceSet::bytes).sum();
  }

  /** Those that have one of the names. */
  ResourceSet.Selection named(Names wanted) {
    if (wanted.all().isEmpty()) {
      return ResourceSet.Selection.NONE;
    }
    if (sets.size() == 1) {
      return sets.getFirst().named(wanted);
    }
    List<EncodedResource> found = new ArrayList<>();
    long bytes = 0;
    for (ResourceSet set : sets) {
      ResourceSet.Selection part = set.named(wanted);
      found.addAll(part.resources());
      bytes += part.bytes();
    }
    return new ResourceSet.Selection(
        found, bytes, wanted.all().stream().filter(name -> get(name).isEmpty()).toList());
  }

  /** What changed since {@code earlier}. */
  Difference since(TypeResources earlier) {
    if (version.equals(earlier.version)) {
      return Difference.NONE;
    }
    if (sets.size() == 1 && earlier.sets.size() == 1) {
      return sets.getFirst().since(earlier.sets.getFirst());
    }
    boolean alike = sets.size() == earlier.sets.size();
    List<EncodedResource> changed = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    for (int i = 0; i < Math.max(sets.size(), earlier.sets.size()); i++) {
      ResourceSet now = i < sets.size() ? sets.get(i) : ResourceSet.NONE;
      ResourceSet before = alike ? earlier.sets.get(i) : ResourceSet.NONE;
      Difference part = now.since(before);
      for (EncodedResource resource : part.changed()) { // it may have been in another set
        if (!Optional.of(resource.version()).equals(earlier.versionOf(resource.name()))) {
          changed.add(resource);
        }
      }
      part.removed().stream().filter(name -> get(name).isEmpty()).forEach(removed::add);
    }
    if (!alike) {
      for (ResourceSet before : earlier.sets) {
        for (EncodedResource resource : before.all()) {
          if (get(resource.name()).isEmpty()) {
            removed.add(resource.name());
          }
        }
      }
    }
    return new Difference(changed, removed);
  }

  private Optional<String> versionOf(String name) {
    return get(name).map(EncodedResource::version);
  }

  /** By versions, which are digests of what is in them. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TypeResources that && version.equals(that.version);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(version);
  }

  @Override
  public String toString() {
    return size() + " resources@" + version;
  }
}
