package io.selvage.proxy.authorize;

import io.selvage.policy.Decision;
import io.selvage.proxy.accept.VerifiedPeer;

/** One request or connection that policy lets pass. Only {@link #decided} makes one. */
public final class Permit implements Admission {
  private final VerifiedPeer peer;

  private Permit(VerifiedPeer peer) {
    this.peer = peer;
  }

  static Admission decided(VerifiedPeer peer, Decision decision) {
    return switch (decision.verdict()) {
      case ALLOW -> new Permit(peer);
      case DENY -> new Refusal(decision);
      case ASK -> new Question(peer, decision);
    };
  }

  /** Who is let pass. */
  public VerifiedPeer peer() {
    return peer;
  }
}
