package io.selvage.doctor.view;

import io.selvage.doctor.ObjectRef;
import io.selvage.doctor.evidence.ProbeOutcome;
import java.util.Optional;

/** Whom a probe called. */
public final class Probed {
  private static final String PRIVATE = "selvage-probe-";

  private Probed() {}

  /** Whether it was one of the probe's own Pods, in the private namespace. */
  public static boolean isOurs(ProbeOutcome probe) {
    return probe.to().namespace().startsWith(PRIVATE);
  }

  /** The Pod, or one of the workload's that was called; empty when it was not seen. */
  public static Optional<PodView> pod(MeshView mesh, ProbeOutcome probe) {
    String named = probe.details().getOrDefault("pod", probe.to().name());
    return mesh.pod(probe.to().namespace(), named)
        .or(
            () ->
                mesh.pods().stream()
                    .filter(pod -> pod.namespace().equals(probe.to().namespace()))
                    .filter(pod -> pod.name().startsWith(probe.to().name() + "-"))
                    .findFirst());
  }

  /** What a result about it names. */
  public static ObjectRef ref(ProbeOutcome probe) {
    return new ObjectRef(
        "Pod", probe.to().namespace(), probe.details().getOrDefault("pod", probe.to().name()));
  }

  /** {@code namespace/name:port}. */
  public static String where(ProbeOutcome probe) {
    return "%s/%s:%d".formatted(probe.to().namespace(), probe.to().name(), probe.port());
  }
}
