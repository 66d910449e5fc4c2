/**
 * What a sidecar serves to its Pod besides the mesh: {@link io.selvage.proxy.pod.PodStatusServer}
 * answers kubelet (is the sidecar ready, is the application well) and Prometheus; {@link
 * io.selvage.proxy.pod.ApplicationProbe} asks the application, past capture.
 */
@NullMarked
package io.selvage.proxy.pod;

import org.jspecify.annotations.NullMarked;
