/**
 * The one syntax tree of policy and those who walk it.
 *
 * <p>Reading order: {@link io.selvage.policy.Matcher} (the tree), {@link
 * io.selvage.policy.RbacPolicy}, {@link io.selvage.policy.Authorization} (the chain a workload
 * enforces), {@link io.selvage.policy.ConnectionFacts} and {@link io.selvage.policy.RequestView}
 * (what is decided on), {@link io.selvage.policy.Decision} (what comes out), then the evaluators.
 */
@NullMarked
package io.selvage.policy;

import org.jspecify.annotations.NullMarked;
