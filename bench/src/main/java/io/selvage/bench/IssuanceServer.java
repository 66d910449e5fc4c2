package io.selvage.bench;

import io.selvage.ca.CaServer;
import io.selvage.ca.CertificateIssuance;
import io.selvage.ca.IstioCertificateService;
import io.selvage.ca.auth.AuthenticatorChain;
import io.selvage.ca.auth.ClientCertificateAuthenticator;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.FileCaStore;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * A certificate authority as it runs in the product, alone in its process, so that its cost can be
 * pinned to one core and measured apart from the load. Prints its port, then serves until it is
 * ended; the folder gets {@code root.pem}, {@code client.pem} and {@code client.key}.
 */
public final class IssuanceServer {
  private static final String TRUST_DOMAIN = "cluster.local";

  private IssuanceServer() {}

  /** Arguments: the folder for the CA's state and the client's certificate. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    InstantSource clock = InstantSource.system();
    CertificateAuthorityService authority =
        CertificateAuthorityService.open(
            CertificateAuthorityService.Settings.of(
                new CaProfile.Istiod(TRUST_DOMAIN), TRUST_DOMAIN),
            FileCaStore.open(folder.resolve("state"), clock),
            clock,
            new SecureRandom());
    WorkloadCertificate serving =
        authority
            .signing()
            .authority()
            .issueServing(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload(TRUST_DOMAIN, "istio-system", "istiod"),
                List.of(IssuanceLoad.SERVER_NAME),
                Duration.ofDays(1));
    WorkloadCertificate client =
        authority
            .signing()
            .authority()
            .issue(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload(TRUST_DOMAIN, "sample", "sleep"),
                Duration.ofDays(1));
    Files.writeString(folder.resolve("root.pem"), authority.bundle().pem());
    Files.writeString(folder.resolve("client.pem"), client.chainPem());
    Files.writeString(folder.resolve("client.key"), client.privateKeyPem());
    CertificateIssuance issuance =
        new CertificateIssuance(
            new AuthenticatorChain(
                List.of(
                    new ClientCertificateAuthenticator(() -> authority.signing().verifier()),
                    authority.joinTokens().authenticator())),
            authority::signing);
    CaServer server =
        CaServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            () -> serving,
            authority::signing,
            List.of(new IstioCertificateService(issuance)));
    Runtime.getRuntime().addShutdownHook(new Thread(server::close));
    System.out.println("port " + server.port());
    Thread.currentThread().join();
  }
}
