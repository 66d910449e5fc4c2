package io.selvage.proxy.authorize;

import io.selvage.policy.Authorization;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.ConnectionAuthorization;
import io.selvage.policy.Decision;
import io.selvage.policy.Note;
import io.selvage.policy.RequestView;
import io.selvage.proxy.accept.VerifiedPeer;
import org.jspecify.annotations.Nullable;

/** Policy wants an external authorizer to be asked first. */
public final class Question implements Admission {
  private final VerifiedPeer peer;
  private final Decision decision;
  private final int beforeTokens;

  Question(VerifiedPeer peer, Decision decision) {
    this(peer, decision, 0);
  }

  /**
   * @param beforeTokens how many stages come before the tokens, if it is one of them that asks
   */
  Question(VerifiedPeer peer, Decision decision, int beforeTokens) {
    this.peer = peer;
    this.decision = decision;
    this.beforeTokens = beforeTokens;
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

  /** Whether that policy has the same asked about the same: who has agreed by it need not again. */
  public boolean isAskedBy(CompiledAuthorization other) {
    Authorization own = peer.chain().stack().authorization().source();
    return other.source().stages().contains(own.stages().get(decision.resumeAt() - 1));
  }

  /** The authorizer agreed: the stages behind it decide. */
  public Admission agreed(RequestView request, Note.@Nullable Sink notes) {
    ConnectionAuthorization authorization = peer.authorization();
    int next = decision.resumeAt();
    return beforeTokens == 0
        ? Permit.decided(peer, authorization.decideFrom(next, request, notes))
        : Passage.decided(
            peer, beforeTokens, authorization.decideUntil(next, beforeTokens, request, notes));
  }

  /** Likewise, of a plain TCP connection. */
  public Admission agreedTcp(Note.@Nullable Sink notes) {
    return Permit.decided(peer, peer.authorization().decideTcpFrom(decision.resumeAt(), notes));
  }
}
