package io.selvage.policy;

import java.util.Map;
import java.util.Set;

/**
 * One way for a rule to match: one of its permissions together with one of its principals.
 *
 * @param rule index of the rule in its set
 * @param predicate when it matches, exactly
 * @param ofConnection whether the connection alone decides
 * @param constraints where an index may put it
 */
record Clause(
    int rule,
    Predicate predicate,
    boolean ofConnection,
    Map<Dimension, Set<IndexKey>> constraints) {}
