package io.selvage.control.kubernetes;

import io.selvage.ca.CaServer;
import io.selvage.ca.CertificateIssuance;
import io.selvage.ca.IstioCertificateService;
import io.selvage.ca.MeshCertificateService;
import io.selvage.ca.ServingCertificate;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.AuthenticatorChain;
import io.selvage.ca.auth.ClientCertificateAuthenticator;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.control.ControlPlane;
import io.selvage.control.kubernetes.identity.TrustDomainNow;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.xds.server.AdsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;

/** The port at which proxies get certificates and configuration. */
final class MeshEndpoint {
  private MeshEndpoint() {}

  /** What the control plane shows at all its ports, under its own names and istiod's. */
  static ServingCertificate certificate(
      CertificateAuthorityService signing,
      String trustDomain,
      String namespace,
      InstantSource clock)
      throws PkiException {
    return new ServingCertificate(
        signing,
        SpiffeId.workload(trustDomain, namespace, "istiod"),
        List.of(
            "istiod." + namespace + ".svc",
            "istiod." + namespace + ".svc.cluster.local",
            "selvage." + namespace + ".svc",
            "selvage." + namespace + ".svc.cluster.local"),
        clock);
  }

  /**
   * Begins to serve.
   *
   * @param tokens who callers without a client certificate are
   */
  static CaServer listen(
      InetSocketAddress at,
      ServingCertificate serving,
      CertificateAuthorityService signing,
      TrustDomainNow names,
      Authenticator tokens,
      ControlPlane control,
      InstantSource clock)
      throws IOException {
    CertificateIssuance issuance =
        new CertificateIssuance(
            new AuthenticatorChain(
                List.of(
                    names.only(
                        new ClientCertificateAuthenticator(() -> signing.signing().verifier())),
                    tokens)),
            signing::signing);
    return CaServer.start(
        at,
        serving,
        signing::signing,
        List.of(
            new IstioCertificateService(issuance),
            new MeshCertificateService(issuance, clock),
            () -> control.ads().service()),
        AdsServer.MAX_REQUEST_BYTES);
  }
}
