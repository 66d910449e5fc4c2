package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import java.util.ArrayList;
import java.util.List;

/**
 * What probes showed.
 *
 * @param outcomes unseen when none could be sent
 * @param handshakes that were made from inside of the cluster
 */
public record ProbeFindings(Look<List<ProbeOutcome>> outcomes, List<Handshake> handshakes) {
  public ProbeFindings {
    handshakes = List.copyOf(handshakes);
  }

  /** None was sent. */
  public static ProbeFindings none(Look<List<ProbeOutcome>> why) {
    return new ProbeFindings(why, List.of());
  }

  /** The evidence with them. */
  public ClusterEvidence into(ClusterEvidence seen) {
    List<Handshake> all = new ArrayList<>(seen.handshakes().found().orElse(List.of()));
    all.addAll(handshakes);
    return new ClusterEvidence(
        seen.context(),
        seen.server(),
        seen.version(),
        seen.reached(),
        seen.flavour(),
        seen.objects(),
        seen.logs(),
        seen.proxyLogs(),
        seen.metrics(),
        seen.proxies(),
        handshakes.isEmpty() ? seen.handshakes() : Look.seen(List.copyOf(all)),
        outcomes,
        seen.access(),
        seen.issuer(),
        seen.tokenKeys(),
        seen.clocks(),
        seen.cloud(),
        seen.taken(),
        seen.since());
  }
}
