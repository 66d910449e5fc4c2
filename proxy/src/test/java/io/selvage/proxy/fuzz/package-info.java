/**
 * What an attacker can reach, fed with bytes: {@link io.selvage.proxy.fuzz.FuzzTarget} says what a
 * target is, {@link io.selvage.proxy.fuzz.FuzzTargets} lists them, {@link
 * io.selvage.proxy.fuzz.FuzzTargetsTest} runs each briefly, {@link
 * io.selvage.proxy.fuzz.JazzerEntry} for as long as is wanted. Targets stand beside what they test.
 */
@NullMarked
package io.selvage.proxy.fuzz;

import org.jspecify.annotations.NullMarked;
