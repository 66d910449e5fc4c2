package io.selvage.policy;

/** One rule set as one connection sees it: what the connection decides is decided. */
final class Residual {
  /** More than any index of a rule. */
  static final int NO_RULE = Integer.MAX_VALUE;

  private final int decided;
  private final int[] rules;
  private final Predicate[] predicates;
  private final Node[] nodes;

  Residual(int decided, int[] rules, Predicate[] predicates, Node[] nodes) {
    this.decided = decided;
    this.rules = rules;
    this.predicates = predicates;
    this.nodes = nodes;
  }

  /** Whether no request makes a difference. */
  boolean isDecided() {
    return rules.length == 0 && nodes.length == 0;
  }

  /** The index of the first rule that matches, or {@link #NO_RULE}. */
  int firstMatch(Subject subject) {
    int best = decided;
    for (int i = 0; i < rules.length; i++) {
      if (rules[i] >= best) {
        break;
      }
      if (predicates[i].test(subject)) {
        best = rules[i];
        break;
      }
    }
    for (Node node : nodes) {
      if (node.min >= best) {
        break;
      }
      best = node.find(subject, best);
    }
    return best;
  }
}
