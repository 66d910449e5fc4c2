/**
 * Who a caller is, by the tokens of a cluster's ServiceAccounts: {@link
 * io.selvage.control.kubernetes.identity.ServiceAccountTokens} for the CA, {@link
 * io.selvage.control.kubernetes.identity.NodesByCertificateOrToken} for ADS.
 */
@NullMarked
package io.selvage.control.kubernetes.identity;

import org.jspecify.annotations.NullMarked;
