/**
 * A proxy that joins a mesh by itself, as a sidecar of Istio does: {@link
 * io.selvage.proxy.join.JoinSettings} says which and as whom, {@link
 * io.selvage.proxy.join.JoinedProxy} does it, {@link io.selvage.proxy.join.IstioNode} is how it
 * introduces itself.
 */
@NullMarked
package io.selvage.proxy.join;

import org.jspecify.annotations.NullMarked;
