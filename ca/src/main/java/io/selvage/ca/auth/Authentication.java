package io.selvage.ca.auth;

import io.selvage.pki.SpiffeId;

/** The outcome of asking who a caller is. */
public sealed interface Authentication {
  /**
   * The caller is known.
   *
   * @param id who it is
   * @param by the authenticator that says so
   */
  record Authenticated(SpiffeId id, String by) implements Authentication {}

  /**
   * The caller is not known.
   *
   * @param code the stable code, {@code SLVnnnn}
   * @param reason cause and next step, in words, without secrets
   * @param conclusive nobody else is to be asked: what was shown speaks for somebody, and not for
   *     whom the next one would take the caller
   */
  record Refused(String code, String reason, boolean conclusive) implements Authentication {
    /** Somebody else may know the caller. */
    public Refused(String code, String reason) {
      this(code, reason, false);
    }
  }
}
