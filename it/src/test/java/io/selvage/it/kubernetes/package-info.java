/**
 * Our planes on a real Kubernetes API: {@link io.selvage.it.kubernetes.Cluster} is the API, {@link
 * io.selvage.it.kubernetes.Gate} the wire to it that a test can cut.
 */
@NullMarked
package io.selvage.it.kubernetes;

import org.jspecify.annotations.NullMarked;
