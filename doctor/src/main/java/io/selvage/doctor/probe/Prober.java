package io.selvage.doctor.probe;

import io.selvage.doctor.evidence.ClusterEvidence;
import java.util.function.Consumer;

/** Sends probes in one mesh, and removes all that it made for them, whatever happens. */
public interface Prober {
  /**
   * Sends them.
   *
   * @param seen what is known of the mesh: whom to ask
   * @param progress is told what is being done
   * @throws InterruptedException after everything has been removed
   */
  ProbeFindings probe(ClusterEvidence seen, ProbeRequest request, Consumer<String> progress)
      throws InterruptedException;

  /**
   * Sends the requests of one conversation from the very Pod that is meant, as a runbook does.
   * Nothing is made for it.
   */
  ProbeFindings converse(ClusterEvidence seen, Conversation conversation)
      throws InterruptedException;
}
