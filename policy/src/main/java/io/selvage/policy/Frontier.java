package io.selvage.policy;

import java.util.Arrays;

/**
 * What is left to ask of one rule set when a connection is known: single clauses, and nodes of the
 * index that branch on requests. Filled by {@link ConnectionNode}s.
 */
final class Frontier {
  /** Of a connection that is bound already; nothing is added to it. */
  static final Frontier NONE = new Frontier();

  private static final int[] NO_RULES = {};
  private static final Predicate[] NO_PREDICATES = {};
  private static final Node[] NO_NODES = {};

  private int[] rules = new int[8];
  private Predicate[] predicates = new Predicate[8];
  private int clauseCount;
  private Node[] nodes = new Node[8];
  private int nodeCount;

  void clear() {
    clauseCount = 0;
    nodeCount = 0;
  }

  /** Keeps the clauses in the order of their rules. */
  void add(int rule, Predicate predicate) {
    if (clauseCount == rules.length) {
      rules = Arrays.copyOf(rules, clauseCount * 2);
      predicates = Arrays.copyOf(predicates, clauseCount * 2);
    }
    int at = clauseCount++;
    for (; at > 0 && rules[at - 1] > rule; at--) {
      rules[at] = rules[at - 1];
      predicates[at] = predicates[at - 1];
    }
    rules[at] = rule;
    predicates[at] = predicate;
  }

  /** Keeps the nodes in the order of their least rules. */
  void add(Node node) {
    if (nodeCount == nodes.length) {
      nodes = Arrays.copyOf(nodes, nodeCount * 2);
    }
    int at = nodeCount++;
    for (; at > 0 && nodes[at - 1].min > node.min; at--) {
      nodes[at] = nodes[at - 1];
    }
    nodes[at] = node;
  }

  /** What is left, given that the connection alone satisfies rule {@code decided}. */
  Residual residual(int decided) {
    int clauses = 0;
    while (clauses < clauseCount && rules[clauses] < decided) {
      clauses++;
    }
    int kept = 0;
    while (kept < nodeCount && nodes[kept].min < decided) {
      kept++;
    }
    return new Residual(
        decided,
        clauses == 0 ? NO_RULES : Arrays.copyOf(rules, clauses),
        clauses == 0 ? NO_PREDICATES : Arrays.copyOf(predicates, clauses),
        kept == 0 ? NO_NODES : Arrays.copyOf(nodes, kept));
  }
}
