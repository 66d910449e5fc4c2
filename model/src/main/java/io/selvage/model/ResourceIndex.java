package io.selvage.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Resources by kind, namespace and name; in each namespace the oldest first, then by name. */
final class ResourceIndex {

  private static final Comparator<Resource> OLDEST_FIRST =
      Comparator.comparing((Resource r) -> r.meta().creationTimestamp().orElse(Instant.MAX))
          .thenComparing(r -> r.meta().name());

  private final Map<Class<?>, Map<String, List<Resource>>> byKind = new HashMap<>();
  private final Map<Key, Resource> byName = new HashMap<>();

  private record Key(Class<?> kind, String namespace, String name) {
    static Key of(Resource resource) {
      return new Key(resource.getClass(), resource.meta().namespace(), resource.meta().name());
    }
  }

  ResourceIndex(Collection<? extends Resource> resources) {
    for (Resource resource : resources) {
      byName.put(Key.of(resource), resource);
      byKind
          .computeIfAbsent(resource.getClass(), kind -> new HashMap<>())
          .computeIfAbsent(resource.meta().namespace(), namespace -> new ArrayList<>())
          .add(resource);
    }
    for (Map<String, List<Resource>> namespaces : byKind.values()) {
      namespaces.replaceAll((name, list) -> list.stream().sorted(OLDEST_FIRST).toList());
    }
  }

  <T extends Resource> List<T> in(String namespace, Class<T> kind) {
    return cast(byKind.getOrDefault(kind, Map.of()).getOrDefault(namespace, List.of()));
  }

  /** All of a kind, by namespace, then age. */
  <T extends Resource> List<T> all(Class<T> kind) {
    List<Resource> all = new ArrayList<>();
    Map<String, List<Resource>> namespaces = byKind.getOrDefault(kind, Map.of());
    namespaces.keySet().stream().sorted().forEach(name -> all.addAll(namespaces.get(name)));
    return cast(List.copyOf(all));
  }

  /** All ServiceEntries in the order in which they own their hosts. */
  List<ServiceEntry> serviceEntriesByOwnership() {
    return all(ServiceEntry.class).stream().sorted(ServiceEntry.BY_OWNERSHIP).toList();
  }

  <T extends Resource> Optional<T> find(Class<T> kind, String namespace, String name) {
    return Optional.ofNullable(byName.get(new Key(kind, namespace, name))).map(kind::cast);
  }

  /** Safe: each list holds only instances of the class that it is filed under. */
  @SuppressWarnings("unchecked")
  private static <T extends Resource> List<T> cast(List<Resource> list) {
    return (List<T>) (List<?>) list;
  }
}
