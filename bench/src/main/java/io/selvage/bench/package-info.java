/**
 * Benchmarks: micro-benchmarks by JMH, and whole processes that are measured from outside by the
 * scripts of {@code bench/}.
 */
@NullMarked
package io.selvage.bench;

import org.jspecify.annotations.NullMarked;
