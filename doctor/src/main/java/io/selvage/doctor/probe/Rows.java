package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.Handshake;
import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.ProbeOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What rows of probes found, collected from several threads. */
public final class Rows {
  private final List<ProbeOutcome> outcomes = new ArrayList<>();
  private final List<Handshake> handshakes = new ArrayList<>();

  /** Notes what came of a request. */
  public synchronized void add(ProbeOutcome outcome) {
    outcomes.add(outcome);
  }

  /** Notes a handshake. */
  public synchronized void add(Handshake handshake) {
    handshakes.add(handshake);
  }

  /** Notes that one could not be sent. */
  public void notSent(
      ProbeOutcome.Purpose purpose,
      String from,
      ProbeOutcome.Target to,
      int port,
      String request,
      ProbeFailed why) {
    add(
        new ProbeOutcome(
            purpose,
            from,
            to,
            port,
            request,
            ProbeOutcome.NOT_SENT,
            Map.of("error", String.valueOf(why.getMessage()))));
  }

  /** All of it. */
  public synchronized ProbeFindings findings() {
    return new ProbeFindings(Look.seen(List.copyOf(outcomes)), List.copyOf(handshakes));
  }
}
