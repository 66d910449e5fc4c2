/** Injection: the whole table of decisions, golden Pods, and what holds for every Pod. */
@NullMarked
package io.selvage.control.kubernetes.inject;

import org.jspecify.annotations.NullMarked;
