/**
 * What was seen of the clusters, as immutable values that a bundle keeps: the same evidence gives
 * the same results, live or years later. Whatever could not be seen says why ({@link
 * io.selvage.doctor.evidence.Look.Unseen}).
 */
@NullMarked
package io.selvage.doctor.evidence;

import org.jspecify.annotations.NullMarked;
