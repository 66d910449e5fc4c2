package io.selvage.proxy.admin;

import io.envoyproxy.envoy.admin.v3.Certificate;
import io.envoyproxy.envoy.admin.v3.CertificateDetails;
import io.envoyproxy.envoy.admin.v3.Certificates;
import io.envoyproxy.envoy.admin.v3.SubjectAlternateName;
import io.selvage.pki.PkiException;
import io.selvage.pki.SubjectNames;
import io.selvage.pki.TrustBundle;
import io.selvage.proxy.tls.KeyMaterial;
import io.selvage.xds.admin.ConfigDumpBuilder;
import io.selvage.xds.resource.Secret;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/** The chains that a workload shows and the roots that it trusts, as Envoy's {@code /certs}. */
final class CertificatePage {
  private CertificatePage() {}

  static Certificates message(KeyMaterial.Snapshot held, Instant now) {
    Certificates.Builder all = Certificates.newBuilder();
    for (Secret secret : new TreeMap<>(held.secrets()).values()) {
      Certificate.Builder to = all.addCertificatesBuilder();
      switch (secret) {
        case Secret.Certificate(String name, var certificate) ->
            details(name, certificate.certificates(), now).forEach(to::addCertChain);
        case Secret.Validation(String name, var roots, var byTrustDomain) -> {
          TrustBundle trusted = roots;
          for (TrustBundle one : byTrustDomain.values()) {
            trusted = trusted.withAll(one.roots());
          }
          details(name, trusted.roots(), now).forEach(to::addCaCert);
        }
      }
    }
    return all.build();
  }

  private static List<CertificateDetails> details(
      String secret, List<X509Certificate> certificates, Instant now) {
    return certificates.stream().map(certificate -> details(secret, certificate, now)).toList();
  }

  private static CertificateDetails details(
      String secret, X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    CertificateDetails.Builder to =
        CertificateDetails.newBuilder()
            .setPath("<inline> " + secret)
            .setSerialNumber(certificate.getSerialNumber().toString(16))
            .setDaysUntilExpiration(Math.max(0, Duration.between(now, end).toDays()))
            .setValidFrom(ConfigDumpBuilder.timestamp(certificate.getNotBefore().toInstant()))
            .setExpirationTime(ConfigDumpBuilder.timestamp(end));
    try {
      to.addSubjectAltNames(
          SubjectAlternateName.newBuilder()
              .setUri(SubjectNames.of(certificate).spiffeId().toString()));
    } catch (PkiException e) {
      // a CA's certificate is nobody's identity
    }
    return to.build();
  }
}
