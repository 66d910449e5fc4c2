/**
 * What evidence shows, in a mesh's own terms, for several checks. Reading order: {@link
 * io.selvage.doctor.mesh.ControlPlane} (who runs it), {@link io.selvage.doctor.mesh.MeshWebhook}
 * (what the API server asks it), {@link io.selvage.doctor.mesh.MeshRoots} and {@link
 * io.selvage.doctor.mesh.ProxyCertificate} (who is trusted, who is who), {@link
 * io.selvage.doctor.mesh.Rbac} (who may what), {@link io.selvage.doctor.mesh.LogSignature} (what
 * its logs say).
 */
@NullMarked
package io.selvage.doctor.mesh;

import org.jspecify.annotations.NullMarked;
