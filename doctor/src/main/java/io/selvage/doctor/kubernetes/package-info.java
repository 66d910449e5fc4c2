/**
 * What is seen of a Kubernetes cluster, read only. Reading order: {@link
 * io.selvage.doctor.kubernetes.ClusterApi} (the only door), {@link
 * io.selvage.doctor.kubernetes.KubernetesCollector} (what is looked at, and in which order), {@link
 * io.selvage.doctor.kubernetes.ObjectCollector}, {@link
 * io.selvage.doctor.kubernetes.FlavourFinder}; then the others, one for each field of {@link
 * io.selvage.doctor.evidence.ClusterEvidence}.
 */
@NullMarked
package io.selvage.doctor.kubernetes;

import org.jspecify.annotations.NullMarked;
