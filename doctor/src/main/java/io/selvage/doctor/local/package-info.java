/**
 * What is seen of the mesh on this machine, without Kubernetes. Reading order: {@link
 * io.selvage.doctor.local.LocalMesh} (what the command line lets us at), {@link
 * io.selvage.doctor.local.LocalCollector}.
 */
@NullMarked
package io.selvage.doctor.local;

import org.jspecify.annotations.NullMarked;
