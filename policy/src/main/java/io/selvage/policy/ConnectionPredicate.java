package io.selvage.policy;

/** A test that the connection alone decides. */
@FunctionalInterface
interface ConnectionPredicate {
  boolean test(Subject subject);

  /** On the peer's identity; false without one. */
  static ConnectionPredicate principal(StringTest test) {
    return subject ->
        subject.principal != null && test.test(subject.principal, 0, subject.principal.length);
  }

  /** On the peer's identity, by a test that is slow enough to remember its answer. */
  static ConnectionPredicate rememberedPrincipal(StringTest test, int slot) {
    return subject ->
        subject.principal != null && subject.remembered(slot, test, subject.principal);
  }

  /** On the server name; false without one. */
  static ConnectionPredicate serverName(StringTest test) {
    return subject ->
        subject.serverName != null && test.test(subject.serverName, 0, subject.serverName.length);
  }
}
