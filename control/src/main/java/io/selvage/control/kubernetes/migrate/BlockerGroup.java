package io.selvage.control.kubernetes.migrate;

import io.selvage.control.kubernetes.migrate.Blockers.Blocker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Workloads of which the same is to be said, for people; everything else is a group of its own.
 *
 * @param namespace of all, or how many there are; empty: the mesh
 * @param names the first few, and how many more; with their namespaces where those differ
 */
public record BlockerGroup(
    String namespace, String kind, String names, boolean blocks, String effect) {
  private static final int SHOWN = 3;
  private static final Set<String> WORKLOADS =
      Set.of("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob");

  /** What is the same of those of a group. */
  private record Same(String kind, boolean blocks, String effect, String alone) {}

  /** Groups, each where its first is. */
  public static List<BlockerGroup> of(List<Blocker> all) {
    Map<Same, List<Blocker>> groups = new LinkedHashMap<>();
    for (Blocker one : all) {
      String alone = WORKLOADS.contains(one.kind()) ? "" : one.namespace() + "/" + one.name();
      groups
          .computeIfAbsent(
              new Same(one.kind(), one.blocks(), one.effect(), alone), _ -> new ArrayList<>())
          .add(one);
    }
    return groups.values().stream().map(BlockerGroup::group).toList();
  }

  private static BlockerGroup group(List<Blocker> members) {
    Blocker first = members.getFirst();
    long namespaces = members.stream().map(Blocker::namespace).distinct().count();
    String names =
        members.stream()
            .limit(SHOWN)
            .map(one -> namespaces == 1 ? one.name() : one.namespace() + "/" + one.name())
            .collect(Collectors.joining(", "));
    return new BlockerGroup(
        namespaces == 1 ? first.namespace() : namespaces + " namespaces",
        first.kind(),
        members.size() <= SHOWN ? names : "%s and %d more".formatted(names, members.size() - SHOWN),
        first.blocks(),
        first.effect());
  }
}
