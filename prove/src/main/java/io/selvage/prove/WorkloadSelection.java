package io.selvage.prove;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A choice of workloads: those that one of {@code anyOf} chooses; none given chooses all.
 *
 * @param ports the workload's own; empty: all, the undeclared ones included
 */
public record WorkloadSelection(List<Term> anyOf, Set<Integer> ports) {
  /** Every port of every workload. */
  public static final WorkloadSelection ALL = new WorkloadSelection(List.of(), Set.of());

  public WorkloadSelection {
    anyOf = List.copyOf(anyOf);
    ports = Collections.unmodifiableSet(new TreeSet<>(ports));
  }

  /**
   * All that is given must hold; what is empty holds for every workload.
   *
   * @param names of workloads
   */
  public record Term(
      Set<String> clusters, Set<String> namespaces, Set<String> names, Map<String, String> labels) {
    public Term {
      clusters = Set.copyOf(clusters);
      namespaces = Set.copyOf(namespaces);
      names = Set.copyOf(names);
      labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    boolean has(ProvedWorkload workload) {
      return (clusters.isEmpty() || clusters.contains(workload.cluster()))
          && (namespaces.isEmpty() || namespaces.contains(workload.namespace()))
          && (names.isEmpty() || names.contains(workload.name()))
          && workload.labels().entrySet().containsAll(labels.entrySet());
    }
  }

  /** The workload {@code namespace/name} of every cluster. */
  public static WorkloadSelection named(String namespace, String name) {
    return new WorkloadSelection(
        List.of(new Term(Set.of(), Set.of(namespace), Set.of(name), Map.of())), Set.of());
  }

  /** Whether the workload is chosen. */
  public boolean has(ProvedWorkload workload) {
    return anyOf.isEmpty() || anyOf.stream().anyMatch(term -> term.has(workload));
  }
}
