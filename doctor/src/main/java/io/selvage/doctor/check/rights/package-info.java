/**
 * What the control plane may do in the cluster ({@link
 * io.selvage.doctor.check.rights.ControlPlaneRights}, {@link
 * io.selvage.doctor.check.rights.AccountBound}, {@link io.selvage.doctor.check.rights.BoundRoles})
 * and in its cloud, and who else may rewrite the mesh.
 */
@NullMarked
package io.selvage.doctor.check.rights;

import org.jspecify.annotations.NullMarked;
