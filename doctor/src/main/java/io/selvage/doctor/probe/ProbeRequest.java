package io.selvage.doctor.probe;

import java.time.Duration;
import java.util.Optional;

/**
 * How to probe.
 *
 * @param image of the Pods: Selvage's, which has curl, openssl and a server that echoes headers;
 *     empty: the one that the mesh's own control plane runs, where it is Selvage's
 * @param life after which what a killed doctor left ends by itself
 * @param limit how many ports of workloads are asked at most
 */
public record ProbeRequest(Optional<String> image, Duration life, int limit) {
  /** The mesh's own image, ten minutes, two hundred ports. */
  public static final ProbeRequest DEFAULTS =
      new ProbeRequest(Optional.empty(), Duration.ofMinutes(10), 200);

  public ProbeRequest {
    if (limit < 0 || life.isNegative() || life.isZero()) {
      throw new IllegalArgumentException("a probe has a life, and no negative limit");
    }
  }
}
