/**
 * A mesh on this machine, in one process: {@link io.selvage.cli.mesh.MeshPlan} says what is wanted,
 * {@link io.selvage.cli.mesh.WorkloadProcess} is one application.
 */
@NullMarked
package io.selvage.cli.mesh;

import org.jspecify.annotations.NullMarked;
