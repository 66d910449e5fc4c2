/**
 * From policies to sets of requests.
 *
 * <p>Reading order: {@link io.selvage.prove.encode.Field} and {@link
 * io.selvage.prove.encode.Formula} (a statement about a request's fields), {@link
 * io.selvage.prove.encode.Meaning} (what a matcher states), {@link io.selvage.prove.encode.Side}
 * (what a port lets through, as statements), {@link io.selvage.prove.encode.Space} (the fields cut
 * into atoms, statements as diagrams, and values as requests).
 */
@NullMarked
package io.selvage.prove.encode;

import org.jspecify.annotations.NullMarked;
