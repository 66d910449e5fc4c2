/**
 * Protos to records, strictly: what is not understood and could change a security decision refuses
 * the resource, and every reason is kept so that a NACK says everything.
 *
 * <p>{@link io.selvage.xds.parse.ResourceParser} is the way in. It unpacks an {@code Any}, lets
 * {@code FieldCheck} hold every field that is set against the table in {@code understood.txt}
 * ({@link io.selvage.xds.parse.Understood}), and hands the message to the parser of its kind. A
 * parser that meets something bad tells its {@code At} and goes on with a stand-in; a resource with
 * a problem never leaves.
 */
@NullMarked
package io.selvage.xds.parse;

import org.jspecify.annotations.NullMarked;
