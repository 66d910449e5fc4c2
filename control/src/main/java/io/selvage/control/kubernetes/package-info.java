/**
 * The edges of a control plane whose engine is Kubernetes: {@code source} reads the cluster, {@code
 * identity} checks its tokens, {@code trust} keeps the CA in it and tells every namespace the
 * roots, {@code access} says which permission is missing, {@code lease} who may do what only one
 * may. {@link io.selvage.control.kubernetes.ClusterConnection} reaches it.
 */
@NullMarked
package io.selvage.control.kubernetes;

import org.jspecify.annotations.NullMarked;
