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
 * @param patience how long a policy of the probe's own may take until it is in force
 */
public record ProbeRequest(Optional<String> image, Duration life, int limit, Duration patience) {
  /** The mesh's own image, ten minutes, two hundred ports, twenty seconds. */
  public static final ProbeRequest DEFAULTS =
      new ProbeRequest(Optional.empty(), Duration.ofMinutes(10), 200, Duration.ofSeconds(20));

  public ProbeRequest {
    if (limit < 0 || life.isNegative() || life.isZero() || patience.isNegative()) {
      throw new IllegalArgumentException("a probe has a life, and no negative limit or patience");
    }
  }
}
