package io.selvage.policy;

/** A part of a rule set's index. */
abstract sealed class Node permits ConnectionNode, RequestNode {
  /** The least index of a rule below this node. */
  final int min;

  Node(int min) {
    this.min = min;
  }

  /**
   * Looks for the first rule below this node that matches.
   *
   * @param best the least rule that is known to match; others than lesser ones don't count
   * @return that rule, or {@code best}
   */
  abstract int find(Subject subject, int best);
}
