package io.selvage.model;

import java.util.Map;

/**
 * A choice of workloads by their labels ({@code istio.type.v1beta1.WorkloadSelector}).
 *
 * @param matchLabels all of them must be on the workload with the same value; empty selects every
 *     workload
 */
public record WorkloadSelector(Map<String, String> matchLabels) {

  public WorkloadSelector {
    matchLabels = Frozen.copy(matchLabels);
  }

  public static WorkloadSelector of(String label, String value) {
    return new WorkloadSelector(Map.of(label, value));
  }

  /** Whether a workload with these labels is selected. */
  public boolean matches(Map<String, String> labels) {
    for (Map.Entry<String, String> wanted : matchLabels.entrySet()) {
      if (!wanted.getValue().equals(labels.get(wanted.getKey()))) {
        return false;
      }
    }
    return true;
  }

  public boolean isEmpty() {
    return matchLabels.isEmpty();
  }
}
