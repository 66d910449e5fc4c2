package io.selvage.it.conformance;

import java.util.Optional;

/** Something that decides on requests under a set's resources. */
interface Subject extends AutoCloseable {
  /** Its name in reports and in exceptions. */
  SubjectName name();

  /** Why it cannot be asked this case; empty when it can. */
  Optional<String> cannot(CaseSet set, Case one);

  /** Puts a set in force, in place of the one before; returns once it is. */
  void apply(CaseSet set) throws Exception;

  /** Asks; of several clients at once or one after the other the outcome is the same. */
  Outcome ask(Case one) throws Exception;

  @Override
  default void close() {}
}
