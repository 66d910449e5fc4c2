package io.selvage.it.doctor;

import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.LogLine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Evidence as it would be if what was logged before a moment had been logged some time before: what
 * lasts is told from what happens once, without a wait.
 */
final class Aged {
  private static final Duration EARLIER = Duration.ofMinutes(2);

  private Aged() {}

  /**
   * The same, with the log lines of control planes and proxies of before {@code moment} two minutes
   * older.
   */
  static Evidence before(Instant moment, Evidence evidence) {
    return new Evidence(
        evidence.taken(),
        evidence.since(),
        evidence.clusters().stream().map(cluster -> aged(moment, cluster)).toList());
  }

  private static ClusterEvidence aged(Instant moment, ClusterEvidence seen) {
    return new ClusterEvidence(
        seen.context(),
        seen.server(),
        seen.version(),
        seen.reached(),
        seen.flavour(),
        seen.objects(),
        seen.logs().map(lines -> aged(moment, lines)),
        seen.proxyLogs().map(lines -> aged(moment, lines)),
        seen.metrics(),
        seen.proxies(),
        seen.handshakes(),
        seen.probes(),
        seen.access(),
        seen.issuer(),
        seen.tokenKeys(),
        seen.clocks(),
        seen.cloud(),
        seen.taken(),
        seen.since());
  }

  private static List<LogLine> aged(Instant moment, List<LogLine> lines) {
    return lines.stream()
        .map(
            line ->
                new LogLine(
                    line.namespace(),
                    line.pod(),
                    line.container(),
                    line.time().map(time -> time.isBefore(moment) ? time.minus(EARLIER) : time),
                    line.text()))
        .toList();
  }
}
