package io.selvage.doctor.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.doctor.evidence.Handshake.Served;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.Pem;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TlsGreetingTest {
  private static final String NAME = "istiod.istio-system.svc";
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final TlsGreeting greeting = new TlsGreeting(Duration.ofSeconds(5));
  private ServerSocket server;

  TlsGreetingTest() throws IOException {
    server = new ServerSocket(); // bound to nothing until a test serves
  }

  /** A server whose leaf is of an intermediate of a root that nobody trusts. */
  private List<X509Certificate> serve(Consumer<SSLParameters> parameters) throws Exception {
    var clock = InstantSource.system();
    var random = new SecureRandom();
    var profile = new CaProfile.Istiod("cluster.local");
    CaCredentials root =
        CaCredentials.selfSigned(
            profile, KeyAlgorithm.DEFAULT, Duration.ofDays(2), clock.instant(), random);
    CaCredentials below =
        root.intermediate(
            profile, KeyAlgorithm.DEFAULT, Duration.ofDays(1), clock.instant(), random);
    WorkloadCertificate leaf =
        new CertificateAuthority(below, profile, CertificateAuthority.Limits.DEFAULT, clock, random)
            .issueServing(
                KeyAlgorithm.DEFAULT,
                SpiffeId.parse("spiffe://cluster.local/ns/istio-system/sa/istiod"),
                List.of(NAME),
                Duration.ofHours(1));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "leaf",
        leaf.privateKey(),
        new char[0],
        leaf.certificates().toArray(X509Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    SSLServerSocket listening =
        (SSLServerSocket) context.getServerSocketFactory().createServerSocket(0, 5, LOOPBACK);
    SSLParameters set = listening.getSSLParameters();
    parameters.accept(set);
    listening.setSSLParameters(set);
    accept(listening);
    return leaf.certificates();
  }

  private void accept(ServerSocket listening) {
    server = listening;
    Thread.ofVirtual()
        .start(
            () -> {
              try (Socket socket = listening.accept()) {
                if (socket instanceof SSLSocket tls) {
                  tls.startHandshake();
                }
                socket.getInputStream().read();
              } catch (IOException e) {
                // the client has seen what it wanted
              }
            });
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private Served greeted(String... protocols) throws IOException {
    return greeting.greet(
        new InetSocketAddress(LOOPBACK, server.getLocalPort()), NAME, List.of(protocols));
  }

  @Test
  void theChainIsSeenAsItIsSentThoughNobodyTrustsIt() throws Exception {
    List<X509Certificate> chain = serve(_ -> {});
    assertThat(greeted().chain()).isEqualTo(chain.stream().map(Pem::of).toList()).hasSize(2);
  }

  @Test
  void whatWasAgreedOnIsTold() throws Exception {
    serve(set -> set.setApplicationProtocols(new String[] {"istio", "h2"}));
    Served served = greeted("h2", "istio");
    assertThat(served.protocol()).isEqualTo("TLSv1.3");
    assertThat(served.cipher()).startsWith("TLS_");
    assertThat(served.alpn()).isEqualTo("istio");
  }

  @Test
  void aServerThatWantsACertificateOfOursShowsItsOwnAllTheSame() throws Exception {
    for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
      serve(
          set -> {
            set.setProtocols(new String[] {protocol});
            set.setNeedClientAuth(true);
          });
      Served served = greeted();
      assertThat(served.chain()).as(protocol).hasSize(2);
      assertThat(served.protocol()).isEqualTo(protocol);
      server.close();
    }
  }

  @Test
  void whatSpeaksNoTlsShowsNothing() throws Exception {
    accept(new ServerSocket(0, 1, LOOPBACK));
    int port = server.getLocalPort();
    server.close();
    assertThatThrownBy(() -> greeting.greet(new InetSocketAddress(LOOPBACK, port), NAME, List.of()))
        .isInstanceOf(IOException.class);
  }
}
