package io.selvage.model;

import java.util.Map;

/** What selection needs to know of a workload: where it is and how it is labelled. */
public record WorkloadView(String namespace, Map<String, String> labels) {

  public WorkloadView {
    labels = Frozen.copy(labels);
  }
}
