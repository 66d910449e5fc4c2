package io.selvage.model;

/** A workload outside Kubernetes, such as a VM ({@code networking.istio.io/v1.WorkloadEntry}). */
public record WorkloadEntry(ObjectMeta meta, Endpoint endpoint) implements Resource {

  /** The workload as selectors see it. */
  public WorkloadView view() {
    return new WorkloadView(meta.namespace(), endpoint.labels());
  }
}
