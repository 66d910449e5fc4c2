/**
 * Sets of requests as decision diagrams.
 *
 * <p>Reading order: {@link io.selvage.prove.diagram.Diagrams}, {@link
 * io.selvage.prove.diagram.CheapestPath}, {@link io.selvage.prove.diagram.Cubes}; {@link
 * io.selvage.prove.diagram.Meter} ends what takes too long.
 */
@NullMarked
package io.selvage.prove.diagram;

import org.jspecify.annotations.NullMarked;
