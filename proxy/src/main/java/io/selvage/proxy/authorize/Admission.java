package io.selvage.proxy.authorize;

import io.selvage.policy.ConnectionAuthorization;
import io.selvage.policy.Decision;
import io.selvage.policy.Note;
import io.selvage.policy.RequestView;
import io.selvage.proxy.accept.VerifiedPeer;

/** What policy says to one request or connection. */
public sealed interface Admission permits Permit, Refusal, Question, Passage {
  /**
   * Asks the policy about a request.
   *
   * @param notes takes dry-run and AUDIT matches
   */
  static Admission ofRequest(VerifiedPeer peer, RequestView request, Note.Sink notes) {
    ConnectionAuthorization authorization = peer.authorization();
    Decision decision =
        authorization.hasNotes()
            ? authorization.decide(request, notes)
            : authorization.decide(request);
    return Permit.decided(peer, decision);
  }

  /**
   * Asks the policies that stand before the check of tokens. What they let pass is no permit:
   * tokens come next, and then the other policies.
   *
   * @param stages how many they are
   */
  static Admission beforeTokens(
      VerifiedPeer peer, int stages, RequestView request, Note.Sink notes) {
    ConnectionAuthorization authorization = peer.authorization();
    Note.Sink sink = authorization.hasNotes() ? notes : null;
    return Passage.decided(peer, stages, authorization.decideUntil(0, stages, request, sink));
  }

  /** Asks the policy about a connection whose bytes are not understood. */
  static Admission ofConnection(VerifiedPeer peer, Note.Sink notes) {
    ConnectionAuthorization authorization = peer.authorization();
    Decision decision =
        authorization.hasNotes()
            ? authorization.decideTcpFrom(0, notes)
            : authorization.decideTcp();
    return Permit.decided(peer, decision);
  }
}
