package io.selvage.ca.client;

import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;

/**
 * What the authority gave.
 *
 * @param certificate key and chain, leaf first, and last the root that it leads to: the form in
 *     which Istio's agents present it, so that {@code openssl s_client -showcerts} shows all of it
 * @param roots all roots that the authority says to trust; during a root rotation, both
 */
public record IssuedCertificate(WorkloadCertificate certificate, TrustBundle roots) {}
