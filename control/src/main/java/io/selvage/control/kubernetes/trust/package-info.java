/**
 * The CA of a cluster, kept in the cluster: {@link
 * io.selvage.control.kubernetes.trust.ClusterAuthority} finds or makes it in Istio's Secrets,
 * {@link io.selvage.control.kubernetes.trust.RootCertificateMaps} tells every namespace its roots.
 */
@NullMarked
package io.selvage.control.kubernetes.trust;

import org.jspecify.annotations.NullMarked;
