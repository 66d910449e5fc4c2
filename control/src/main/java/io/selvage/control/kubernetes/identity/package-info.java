/**
 * Who a caller is, by the tokens of a cluster's ServiceAccounts: {@link
 * io.selvage.control.kubernetes.identity.ServiceAccountTokens} and {@link
 * io.selvage.control.kubernetes.identity.TokenReviews}, for the CA and for ADS alike.
 */
@NullMarked
package io.selvage.control.kubernetes.identity;

import org.jspecify.annotations.NullMarked;
