/**
 * Tests of the whole: the arrows between modules, the house's rules, and the product run as a user
 * runs it against real peers. Read {@link io.selvage.it.stage} first, then {@code runbook}, {@code
 * protocol}, {@code fault} and {@code envoy}.
 */
@NullMarked
package io.selvage.it;

import org.jspecify.annotations.NullMarked;
