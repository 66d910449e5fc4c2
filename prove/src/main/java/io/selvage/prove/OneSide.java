package io.selvage.prove;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The places of one mesh that a question is about, by what decides there.
 *
 * @param groups those of one key are analysed once
 */
record OneSide(int workloads, int places, Map<GroupKey, List<Place>> groups) {
  /** Places of HTTP that a plain TCP port takes for bytes are another question than its own. */
  record GroupKey(SideKey key, io.selvage.policy.IstioTranslation.Protocol asked) {}

  static OneSide of(MeshSide side, WorkloadSelection selection) {
    Map<GroupKey, List<Place>> groups = new LinkedHashMap<>();
    int workloads = 0;
    int places = 0;
    for (ProvedWorkload workload : side.mesh().workloads()) {
      if (!selection.has(workload)) {
        continue;
      }
      workloads++;
      for (Place place :
          Places.of(workload, workload, side.namedPorts(workload), selection.ports())) {
        places++;
        groups
            .computeIfAbsent(
                new GroupKey(side.key(workload, place), place.protocol()), _ -> new ArrayList<>())
            .add(place);
      }
    }
    return new OneSide(workloads, places, groups);
  }

  Effort effort(int largestNodes) {
    return new Effort(workloads, places, groups.size(), largestNodes);
  }

  static List<Inconclusive> inconclusive(List<Place> group, String reason) {
    return group.stream().map(place -> new Inconclusive(place, reason)).toList();
  }
}
