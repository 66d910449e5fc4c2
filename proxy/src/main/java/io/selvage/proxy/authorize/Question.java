package io.selvage.proxy.authorize;

import io.selvage.policy.Decision;
import io.selvage.policy.Note;
import io.selvage.policy.RequestView;
import io.selvage.proxy.accept.VerifiedPeer;
import org.jspecify.annotations.Nullable;

/** Policy wants an external authorizer to be asked first. */
public final class Question implements Admission {
  private final VerifiedPeer peer;
  private final Decision decision;

  Question(VerifiedPeer peer, Decision decision) {
    this.peer = peer;
    this.decision = decision;
  }

  /** Name of the provider to ask. */
  public String provider() {
    return decision.provider().orElseThrow();
  }

  /** Whose request it is. */
  public VerifiedPeer peer() {
    return peer;
  }

  /** The decision that led here, for the record of a denial. */
  public Decision decision() {
    return decision;
  }

  /** The authorizer agreed: the stages behind it decide. */
  public Admission agreed(RequestView request, Note.@Nullable Sink notes) {
    return Permit.decided(
        peer, peer.authorization().decideFrom(decision.resumeAt(), request, notes));
  }

  /** Likewise, of a plain TCP connection. */
  public Admission agreedTcp(Note.@Nullable Sink notes) {
    return Permit.decided(peer, peer.authorization().decideTcpFrom(decision.resumeAt(), notes));
  }
}
