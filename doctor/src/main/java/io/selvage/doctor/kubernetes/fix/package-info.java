/** Fixes in a Kubernetes cluster: {@link io.selvage.doctor.kubernetes.fix.KubernetesHand}. */
@NullMarked
package io.selvage.doctor.kubernetes.fix;

import org.jspecify.annotations.NullMarked;
