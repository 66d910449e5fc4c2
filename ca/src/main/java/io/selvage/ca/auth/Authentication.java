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
   */
  record Refused(String code, String reason) implements Authentication {}
}
