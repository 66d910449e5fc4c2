package io.selvage.cli.mesh;

import io.grpc.BindableService;
import io.selvage.ca.CaServer;
import io.selvage.ca.CertificateIssuance;
import io.selvage.ca.IstioCertificateService;
import io.selvage.ca.MeshCertificateService;
import io.selvage.ca.ServingCertificate;
import io.selvage.ca.auth.AuthenticatorChain;
import io.selvage.ca.auth.ClientCertificateAuthenticator;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.FileCaStore;
import io.selvage.ca.roots.PluggedInCa;
import io.selvage.pki.CaProfile;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** One cluster's certificate authority, serving both CA protocols on loopback. */
public final class ClusterCa implements AutoCloseable {

  /** The name in the authority's own certificate. */
  public static final String SERVER_NAME = "istiod.istio-system.svc";

  private final CertificateAuthorityService authority;
  private final ServingCertificate serving;
  private final List<BindableService> services;
  private final CaServer server;

  private ClusterCa(
      CertificateAuthorityService authority,
      ServingCertificate serving,
      List<BindableService> services,
      CaServer server) {
    this.services = services;
    this.authority = authority;
    this.serving = serving;
    this.server = server;
  }

  /**
   * Opens or creates the authority that is kept in {@code directory} and starts to serve.
   *
   * @param profile {@code istiod} or {@code meshca}
   * @param cacerts the folder of a CA that the user brings
   */
  static ClusterCa start(
      String profile,
      Optional<Path> cacerts,
      String trustDomain,
      Path directory,
      InstantSource clock,
      SecureRandom random)
      throws IOException {
    try {
      var settings = settings(profile, trustDomain);
      var store = FileCaStore.open(directory, clock);
      var authority =
          cacerts.isPresent()
              ? CertificateAuthorityService.open(
                  settings, store, PluggedInCa.load(cacerts.get(), clock.instant()), clock, random)
              : CertificateAuthorityService.open(settings, store, clock, random);
      var issuance =
          new CertificateIssuance(
              new AuthenticatorChain(
                  List.of(
                      new ClientCertificateAuthenticator(() -> authority.signing().verifier()),
                      authority.joinTokens().authenticator())),
              authority::signing);
      var serving =
          new ServingCertificate(
              authority,
              SpiffeId.workload(trustDomain, "istio-system", "istiod"),
              List.of(SERVER_NAME),
              clock);
      List<BindableService> services =
          List.of(
              new IstioCertificateService(issuance), new MeshCertificateService(issuance, clock));
      var server =
          CaServer.start(
              new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0),
              serving,
              authority::signing,
              services);
      return new ClusterCa(authority, serving, services, server);
    } catch (PkiException e) {
      throw new IOException("the CA in " + directory + " cannot start: " + e.getMessage(), e);
    }
  }

  /** Istiod's root signs by itself; below Mesh CA's an intermediate does. */
  private static CertificateAuthorityService.Settings settings(String name, String trustDomain) {
    return switch (name) {
      case "istiod" ->
          CertificateAuthorityService.Settings.of(new CaProfile.Istiod(trustDomain), trustDomain);
      case "meshca" ->
          CertificateAuthorityService.Settings.of(
                  CaProfile.MeshCa.of(0, "OU=istio_v1_cloud_workload,O=" + trustDomain),
                  trustDomain)
              .withIntermediate();
      default -> throw new IllegalArgumentException("no CA profile " + name);
    };
  }

  /** The authority itself, for bundles, join tokens and root rotation. */
  public CertificateAuthorityService authority() {
    return authority;
  }

  /** Its services, for a server that offers more beside them, as istiod's port 15012 does. */
  List<BindableService> services() {
    return services;
  }

  /** The certificate by which the CA, and the control plane beside it, are known. */
  public WorkloadCertificate serving() {
    return serving.get();
  }

  /** The port on 127.0.0.1. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.close();
  }
}
