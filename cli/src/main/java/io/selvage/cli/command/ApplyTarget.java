package io.selvage.cli.command;

import io.selvage.cli.prove.Side;
import io.selvage.model.PolicyAssertions;
import java.util.List;

/** Where files shall take effect: one mesh, as it is and as it would be. */
interface ApplyTarget extends AutoCloseable {
  /** What is in force. */
  Side now();

  /** What would be. */
  Side then();

  /** What users demand of it, whoever changes it. */
  List<PolicyAssertions> demands();

  /** What would be done, a line each; empty when all is as it shall be. */
  List<String> plan();

  /**
   * Does it.
   *
   * @return what was done, in a sentence
   * @throws io.selvage.cli.UserError when a part of it is refused
   */
  String apply();

  @Override
  default void close() {}
}
