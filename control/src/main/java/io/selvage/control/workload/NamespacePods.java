package io.selvage.control.workload;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The workloads of one namespace of one cluster, found by label and by place; immutable. While
 * nothing of the namespace changes it is the same object, so that what was joined with it holds.
 */
final class NamespacePods {
  /** Of a namespace in which nothing runs. */
  static final NamespacePods NONE = new NamespacePods(List.of());

  private final List<WorkloadInstance> all;
  private final Map<Label, List<WorkloadInstance>> byLabel = new HashMap<>();
  private final Map<Place, WorkloadInstance> byPlace = new HashMap<>();
  private final Map<String, WorkloadInstance> byName = new HashMap<>();

  private record Label(String key, String value) {}

  private record Place(String name, String address) {}

  NamespacePods(List<WorkloadInstance> all) {
    this.all = List.copyOf(all);
    for (WorkloadInstance instance : all) {
      instance
          .labels()
          .forEach(
              (key, value) ->
                  byLabel
                      .computeIfAbsent(new Label(key, value), _ -> new ArrayList<>())
                      .add(instance));
      byPlace.put(new Place(instance.name(), instance.address()), instance);
      byName.put(instance.name(), instance);
    }
  }

  /** In the order in which they were given. */
  List<WorkloadInstance> all() {
    return all;
  }

  /** Those with this label. */
  List<WorkloadInstance> with(String key, String value) {
    return byLabel.getOrDefault(new Label(key, value), List.of());
  }

  /**
   * The one of this name, if it has that address, or is known by one of the other IP version: a
   * dual-stack Pod is in a slice of each, and known by its first address alone.
   */
  Optional<WorkloadInstance> at(String name, String address) {
    WorkloadInstance there = byPlace.get(new Place(name, address));
    return there != null
        ? Optional.of(there)
        : Optional.ofNullable(byName.get(name))
            .filter(one -> isVersionSix(one.address()) != isVersionSix(address));
  }

  private static boolean isVersionSix(String address) {
    return address.indexOf(':') >= 0;
  }
}
