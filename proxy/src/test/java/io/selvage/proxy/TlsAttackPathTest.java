package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What may knock at a port where mutual TLS is spoken. */
class TlsAttackPathTest {
  private static final String GET = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
  private static final String TLS_1_3 = "TLSv1.3";
  private static final String TWICE_FORGED =
      String.join(
          "\r\n",
          "GET / HTTP/1.1",
          "host: a",
          "x-forwarded-client-cert: By=a;URI=spiffe://forged",
          "X-Forwarded-Client-Cert: By=b",
          "connection: x-forwarded-client-cert",
          "",
          "");

  private RawBackend backend;
  private TestMesh mesh;

  @BeforeEach
  void start() throws Exception {
    backend = RawBackend.answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    mesh = TestMesh.start(backend.port(), TestMesh.Options.PLAIN);
  }

  @AfterEach
  void stop() throws Exception {
    mesh.close();
    backend.close();
  }

  private TlsClient sleep() throws Exception {
    return TlsClient.of(
        mesh.authority()
            .issue(KeyAlgorithm.ECDSA_P256, SpiffeId.parse(TestMesh.SLEEP), Duration.ofHours(1)));
  }

  private CaCredentials authority() {
    return mesh.authority().credentials();
  }

  /** What a client gets for a request; empty when it is refused at whatever moment. */
  private String ask(TlsClient client, String version) {
    try (SSLSocket socket = client.connect(mesh.inboundAddress(), version)) {
      return RawClient.over(socket).send(GET).rest();
    } catch (IOException e) {
      return "";
    }
  }

  // ---- certificates

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aWorkloadOfTheMeshIsServed(String version) throws Exception {
    assertThat(ask(sleep(), version)).startsWith("HTTP/1.1 200");
    assertThat(backend.seen().getFirst()).contains("URI=" + TestMesh.SLEEP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void nobodyElseIs(String version) throws Exception {
    GeneralName sleep = ForgedCertificate.uri(TestMesh.SLEEP);
    GeneralName other = ForgedCertificate.uri(TestMesh.HTTPBIN);
    CaProfile profile = new CaProfile.Istiod("cluster.local");
    CaCredentials stranger =
        CaCredentials.selfSigned(
            profile,
            KeyAlgorithm.ECDSA_P256,
            Duration.ofDays(1),
            Instant.now(),
            new SecureRandom());
    List<TlsClient> refused =
        List.of(
            TlsClient.nobody(),
            ForgedCertificate.of(sleep).client(stranger),
            ForgedCertificate.of(sleep).expired().client(authority()),
            ForgedCertificate.of(sleep)
                .with(KeyPurposeId.id_kp_emailProtection)
                .client(authority()),
            ForgedCertificate.of(sleep).with(KeyPurposeId.id_kp_serverAuth).client(authority()),
            ForgedCertificate.of(sleep, other).client(authority()),
            ForgedCertificate.of(ForgedCertificate.dns("sleep.sample")).client(authority()),
            ForgedCertificate.of(ForgedCertificate.dns(TestMesh.SLEEP)).client(authority()),
            ForgedCertificate.of(ForgedCertificate.uri("spiffe://elsewhere/ns/sample/sa/sleep"))
                .client(authority()),
            ForgedCertificate.of(ForgedCertificate.uri("https://cluster.local/ns/sample/sa/sleep"))
                .client(authority()),
            ForgedCertificate.of(ForgedCertificate.uri("spiffe://cluster.local/ns/../sa/sleep"))
                .client(authority()));
    for (int i = 0; i < refused.size(); i++) {
      assertThat(ask(refused.get(i), version)).as("client %d", i).isEmpty();
    }
    assertThat(backend.seen()).isEmpty();
    assertThat(ask(ForgedCertificate.of(sleep).client(authority()), version)).contains("200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void noHandshakeIsResumed(String version) throws Exception {
    TlsClient client = sleep();
    for (int i = 1; i <= 3; i++) {
      assertThat(ask(client, version)).startsWith("HTTP/1.1 200");
      assertThat(client.fullHandshakes()).isEqualTo(i);
    }
  }

  @Test
  void aSecondHandshakeOnAConnectionEndsIt() throws Exception {
    try (SSLSocket socket = sleep().connect(mesh.inboundAddress(), "TLSv1.2")) {
      RawClient client = RawClient.over(socket);
      client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
      assertThat(answerAfterHandshake(socket, client)).isEmpty();
    }
    assertThat(backend.seen()).hasSize(1);
  }

  private static String answerAfterHandshake(SSLSocket socket, RawClient client) {
    try {
      socket.startHandshake(); // renegotiation
      return client.send(GET).rest();
    } catch (IOException e) {
      return "";
    }
  }

  /** "Append this connection's element": what a peer says itself stays before it. */
  @Test
  void aForgedElementStandsBeforeTheTrueOne() throws Exception {
    try (SSLSocket socket = sleep().connect(mesh.inboundAddress(), TLS_1_3)) {
      RawClient client = RawClient.over(socket);
      client.send(TWICE_FORGED);
      assertThat(client.answer()).startsWith("HTTP/1.1 200");
    }
    assertThat(backend.seen().getFirst())
        .containsPattern(
            "x-forwarded-client-cert: By=a;URI=spiffe://forged,By=b,By="
                + TestMesh.HTTPBIN
                + ";Hash=[0-9a-f]{64};Subject=\"\";URI="
                + TestMesh.SLEEP
                + "\r\n");
  }

  @Test
  void http2IsSpokenWithAndWithoutAlpn() throws Exception {
    for (String[] alpn : new String[][] {{"h2"}, {}, {"istio"}}) {
      try (SSLSocket socket = sleep().connect(mesh.inboundAddress(), TLS_1_3, alpn)) {
        H2Client client = H2Client.over(socket);
        client.get(1, "/two");
        assertThat(client.outcome(1).status()).isEqualTo("200");
      }
    }
    assertThat(backend.seen().getFirst()).contains("URI=" + TestMesh.SLEEP);
  }

  // ---- bytes that are no handshake

  @ParameterizedTest
  @ValueSource(
      strings = {
        "16", // one byte
        "160301", // half a record header
        "1603010005010000", // half a hello
        "16030100020100", // a hello of no length
        "1603010004010000000000", // an empty hello, and more
        "16030100060100000200ff", // lengths that do not add up
        "160301000502000001ff", // a server's hello
        "1603014001" + "01ffffff", // a hello of sixteen MiB
        "1603010000160301000016030100", // records of no length
        "15030100020228", // an alert
        "1403010001" + "01", // change cipher spec
        "1703030005" + "0000000000", // application data
        "802e0103010015000000100100800300800700c0", // SSLv2's hello
        "00000000", // nothing
        "160300002f0100002b0300" // SSL 3.0
      })
  void nothingThatIsNoHandshakeGetsAnywhere(String hex) throws Exception {
    try (RawClient client = RawClient.connect(mesh.inboundAddress())) {
      client.send(HexFormat.of().parseHex(hex));
      client.endOutput();
      assertThat(client.rest().length()).isLessThan(16); // an alert at most
    }
    assertThat(backend.seen()).isEmpty();
    assertThat(ask(sleep(), TLS_1_3)).startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nhost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
  void plaintextIsReset(String wire) throws Exception {
    try (Socket socket =
        new Socket(java.net.InetAddress.getLoopbackAddress(), mesh.inboundAddress().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(wire.getBytes(StandardCharsets.US_ASCII));
      org.assertj.core.api.Assertions.assertThatThrownBy(() -> socket.getInputStream().read())
          .hasMessageContaining("reset");
    }
    assertThat(backend.seen()).isEmpty();
  }

  @Test
  void manyUnfinishedHandshakesStopNobody() throws Exception {
    RawClient[] open = new RawClient[200];
    try {
      for (int i = 0; i < open.length; i++) {
        open[i] = RawClient.connect(mesh.inboundAddress()).send(new byte[] {0x16, 3, 1, 0});
      }
      assertThat(ask(sleep(), TLS_1_3)).startsWith("HTTP/1.1 200");
    } finally {
      for (RawClient client : open) {
        if (client != null) {
          client.close();
        }
      }
    }
  }
}
