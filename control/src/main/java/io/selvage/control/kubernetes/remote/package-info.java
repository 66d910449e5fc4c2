/**
 * The other clusters of a mesh, read through their APIs. Begin with {@link
 * io.selvage.control.kubernetes.remote.RemoteClusters}, which follows the Secrets that name them;
 * {@link io.selvage.control.kubernetes.remote.RemoteSecrets} makes such Secrets.
 */
@NullMarked
package io.selvage.control.kubernetes.remote;

import org.jspecify.annotations.NullMarked;
