package io.selvage.ca.auth;

/** One way to know a caller. */
public interface Authenticator {
  /** The name that stands in logs and refusals, as Istio's name theirs. */
  String name();

  /** Judges; never throws for bad evidence, and puts no secret in its reasons. */
  Authentication authenticate(CallerEvidence evidence);
}
