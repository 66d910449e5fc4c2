package io.selvage.model;

/** A Kubernetes {@code v1.Namespace}; its labels decide on injection. */
public record Namespace(ObjectMeta meta) implements Resource {
  /** Which endpoints the clients of its services prefer, where these say nothing themselves. */
  public TrafficDistribution distribution() {
    return TrafficDistribution.annotated(meta.annotations()).orElse(TrafficDistribution.ANY);
  }
}
