/**
 * The certificate authority as a server: two gRPC services over one issuance.
 *
 * <p>Read {@link io.selvage.ca.CertificateIssuance} first (who asks, what for, what comes back),
 * then the two services that speak it and {@link io.selvage.ca.CaServer}. Who a caller is: {@link
 * io.selvage.ca.auth}. What it signs with and how roots change: {@link io.selvage.ca.roots}. The
 * other end of the wire: {@link io.selvage.ca.client}.
 */
@NullMarked
package io.selvage.ca;

import org.jspecify.annotations.NullMarked;
