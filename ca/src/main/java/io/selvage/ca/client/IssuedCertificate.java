package io.selvage.ca.client;

import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;

/**
 * What the authority gave.
 *
 * @param certificate key and chain, leaf first, without the root
 * @param roots all roots that the authority says to trust; during a root rotation, both
 */
public record IssuedCertificate(WorkloadCertificate certificate, TrustBundle roots) {}
