package io.selvage.doctor.view;

import io.selvage.doctor.evidence.ProbeOutcome;
import java.util.OptionalInt;

/** What the result of a probe says about the other side. */
public enum Answer {
  /** The other side, or its proxy, read the request and answered it. */
  SERVED,
  /** Its proxy read the request and denied it. */
  DENIED,
  /** The connection was taken, then ended without an answer: what a proxy does to plaintext. */
  CUT,
  /** Nobody was there, or nobody answered in time. */
  NOBODY;

  private static final String DENIAL = "RBAC: access denied";
  private static final int FORBIDDEN = 403;
  private static final int UNAVAILABLE = 503;

  /** Of a probe. */
  public static Answer of(ProbeOutcome outcome) {
    String body = outcome.details().getOrDefault("body", "");
    OptionalInt status = status(outcome);
    if (status.isPresent()) {
      if (status.getAsInt() == FORBIDDEN && (body.isEmpty() || body.contains(DENIAL))) {
        return DENIED;
      }
      // a client's own proxy says this when it gets no connection
      boolean own =
          status.getAsInt() == UNAVAILABLE
              && (body.contains("upstream connect error") || body.contains("no healthy upstream"));
      return own ? CUT : SERVED;
    }
    return switch (outcome.result()) {
      case "answered" -> SERVED;
      case "reset", "closed" -> CUT;
      default -> NOBODY;
    };
  }

  /** The HTTP status that came, if one did. */
  public static OptionalInt status(ProbeOutcome outcome) {
    return outcome.result().matches("[1-5][0-9][0-9]")
        ? OptionalInt.of(Integer.parseInt(outcome.result()))
        : OptionalInt.empty();
  }
}
