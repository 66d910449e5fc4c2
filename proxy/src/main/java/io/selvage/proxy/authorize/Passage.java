package io.selvage.proxy.authorize;

import io.selvage.policy.Decision;
import io.selvage.policy.Note;
import io.selvage.policy.RequestView;
import io.selvage.proxy.accept.VerifiedPeer;

/**
 * One request that the policies before the check of tokens do not object to. Only {@link #decided}
 * makes one; with its tokens checked it asks the other policies.
 */
public final class Passage implements Admission {
  private final VerifiedPeer peer;
  private final int stages;

  private Passage(VerifiedPeer peer, int stages) {
    this.peer = peer;
    this.stages = stages;
  }

  static Admission decided(VerifiedPeer peer, int stages, Decision decision) {
    return switch (decision.verdict()) {
      case ALLOW -> new Passage(peer, stages);
      case DENY -> new Refusal(decision);
      case ASK -> new Question(peer, decision, stages);
    };
  }

  /** The tokens hold: asks the policies behind them. */
  public Admission authenticated(RequestView request, Note.Sink notes) {
    Note.Sink sink = peer.authorization().hasNotes() ? notes : null;
    return Permit.decided(peer, peer.authorization().decideFrom(stages, request, sink));
  }
}
