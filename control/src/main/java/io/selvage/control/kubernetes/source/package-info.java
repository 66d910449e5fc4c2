/**
 * A Kubernetes cluster as the source of a mesh. {@link
 * io.selvage.control.kubernetes.source.KubernetesSource} is the thread that takes in changes,
 * {@link io.selvage.control.kubernetes.source.ObjectWatch} where they come from, {@code
 * ClusterContents} what they mean and what is kept of what they meant before.
 */
@NullMarked
package io.selvage.control.kubernetes.source;

import org.jspecify.annotations.NullMarked;
