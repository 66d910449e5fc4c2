/**
 * What the control plane tells a cluster's users about their objects: {@link
 * io.selvage.control.kubernetes.event.ClusterEvents}.
 */
@NullMarked
package io.selvage.control.kubernetes.event;

import org.jspecify.annotations.NullMarked;
