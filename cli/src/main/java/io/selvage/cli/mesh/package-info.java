/**
 * A mesh on this machine, in one process: {@link io.selvage.cli.mesh.MeshPlan} says what is wanted,
 * {@link io.selvage.cli.mesh.Mesh} starts and stops it in order, {@link io.selvage.cli.mesh.Planes}
 * are the control planes, CAs and proxies of its clusters, {@link
 * io.selvage.cli.mesh.WorkloadProcess} is one application.
 */
@NullMarked
package io.selvage.cli.mesh;

import org.jspecify.annotations.NullMarked;
