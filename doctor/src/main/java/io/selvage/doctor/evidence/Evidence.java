package io.selvage.doctor.evidence;

import java.time.Instant;
import java.util.List;

/**
 * What was seen of all clusters given.
 *
 * @param taken when, by our clock: the "now" of every check
 * @param since from when on logs were read
 */
public record Evidence(Instant taken, Instant since, List<ClusterEvidence> clusters) {
  public Evidence {
    clusters = List.copyOf(clusters);
  }
}
