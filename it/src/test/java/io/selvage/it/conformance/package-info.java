/**
 * The conformance suite: cases as data ({@code conformance/cases}), subjects that are asked them.
 *
 * <p>Reading order: {@link io.selvage.it.conformance.CaseSet} and {@link
 * io.selvage.it.conformance.Case} (what is asked), {@link io.selvage.it.conformance.Outcome} (what
 * comes back), {@link io.selvage.it.conformance.Subject} (who answers), {@link
 * io.selvage.it.conformance.Judgement} (whether that is right). Then the subjects, and what is said
 * about all of it ({@code report}).
 */
@NullMarked
package io.selvage.it.conformance;

import org.jspecify.annotations.NullMarked;
