/**
 * X.509 and SPIFFE for the mesh: keys, requests, certificates, bundles, signing and verifying.
 *
 * <p>Read {@link io.selvage.pki.SpiffeId}, then what a workload holds ({@link
 * io.selvage.pki.WorkloadCertificate}, {@link io.selvage.pki.TrustBundle}), how a peer is judged
 * ({@link io.selvage.pki.PeerVerifier}), and last how certificates come to be ({@link
 * io.selvage.pki.CaCredentials}, {@link io.selvage.pki.CertificateAuthority}). Bouncy Castle
 * builds, the JDK verifies: two routes that must agree.
 */
@NullMarked
package io.selvage.pki;

import org.jspecify.annotations.NullMarked;
