/**
 * Selvage in a Kubernetes Pod: {@link io.selvage.cli.pod.PodCaptureRules} is what the init
 * container writes, {@link io.selvage.cli.pod.PodEnvironment} what the Pod tells its sidecar,
 * {@link io.selvage.cli.pod.PodSidecar} the sidecar.
 */
@NullMarked
package io.selvage.cli.pod;

import org.jspecify.annotations.NullMarked;
