/**
 * The one syntax tree of policy and those who walk it.
 *
 * <p>Reading order: {@link io.selvage.policy.Matcher} (the tree), {@link
 * io.selvage.policy.RbacPolicy}, {@link io.selvage.policy.Authorization} (the chain a workload
 * enforces), {@link io.selvage.policy.ConnectionFacts} and {@link io.selvage.policy.RequestView}
 * (what is decided on), {@link io.selvage.policy.Decision} (what comes out). Then {@link
 * io.selvage.policy.Reading} and {@link io.selvage.policy.ReferenceEvaluator}: what a policy means.
 * Then how a proxy decides fast: {@link io.selvage.policy.CompiledAuthorization}, whose index is
 * built by {@code IndexBuilder} of {@code Constraints} and {@code Predicate}s. {@link
 * io.selvage.policy.IstioTranslation} makes the tree of Istio's policies, {@link
 * io.selvage.policy.Explainer} goes the way back; {@link io.selvage.policy.PathNormalizer} prepares
 * what all of them see.
 */
@NullMarked
package io.selvage.policy;

import org.jspecify.annotations.NullMarked;
