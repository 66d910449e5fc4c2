/**
 * Whole Kubernetes clusters, Pods included, and our mesh in them as a user installs it. {@link
 * io.selvage.it.cluster.KubernetesCluster} is one node with everything that a cluster has, {@link
 * io.selvage.it.cluster.ClusterPair} two of them with a cable, {@link
 * io.selvage.it.cluster.Kubectl} the tool by which users ask them, {@link
 * io.selvage.it.cluster.SelvageImage} what their Pods run.
 */
@NullMarked
package io.selvage.it.cluster;

import org.jspecify.annotations.NullMarked;
