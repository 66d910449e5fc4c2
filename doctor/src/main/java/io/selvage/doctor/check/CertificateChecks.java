package io.selvage.doctor.check;

import io.selvage.doctor.Check;
import io.selvage.doctor.check.certificate.AuthorityChain;
import io.selvage.doctor.check.certificate.AuthorityInUse;
import io.selvage.doctor.check.certificate.AuthorityKey;
import io.selvage.doctor.check.certificate.CertificateRequests;
import io.selvage.doctor.check.certificate.LeafIdentity;
import io.selvage.doctor.check.certificate.LeafLifetime;
import io.selvage.doctor.check.certificate.ProxySecretsActive;
import io.selvage.doctor.check.certificate.PublishedRoots;
import io.selvage.doctor.check.certificate.RootLifetime;
import io.selvage.doctor.check.certificate.ServedChains;
import io.selvage.doctor.check.certificate.TrustDomains;
import java.util.List;

/** Checks of the CA, the roots and the workloads' certificates (SLV10xx). */
public final class CertificateChecks {
  private CertificateChecks() {}

  /** In the order of their codes. */
  public static List<Check> all() {
    return List.of(
        AuthorityInUse.check(),
        RootLifetime.check(),
        AuthorityChain.check(),
        PublishedRoots.check(),
        ServedChains.check(),
        ProxySecretsActive.check(),
        LeafLifetime.check(),
        LeafIdentity.check(),
        TrustDomains.check(),
        CertificateRequests.check(),
        AuthorityKey.check());
  }
}
