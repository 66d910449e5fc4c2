package io.selvage.ca.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.selvage.ca.LoopbackCa;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CertificateClientTest {
  private static final SpiffeId SLEEP = SpiffeId.workload("cluster.local", "sample", "sleep");
  private final List<Duration> pauses = new ArrayList<>();
  private LoopbackCa ca;

  @BeforeAll
  void start() throws Exception {
    ca = new LoopbackCa();
  }

  @AfterAll
  void stop() {
    ca.close();
  }

  @Test
  void joinsByTokenAndRenewsByCertificate() throws Exception {
    IssuedCertificate first = client(Optional.of(token())).request(Optional.empty());
    IssuedCertificate second = client(Optional.empty()).request(Optional.of(first.certificate()));

    assertThat(first.certificate().spiffeId()).isEqualTo(SLEEP);
    assertThat(second.certificate().spiffeId()).isEqualTo(SLEEP);
    assertThat(second.certificate().sha256Hex()).isNotEqualTo(first.certificate().sha256Hex());
    assertThat(second.roots()).isEqualTo(ca.bundle());
  }

  @Test
  void presentsTheWholeChainWithTheRootThatSigned() throws Exception {
    IssuedCertificate issued = client(Optional.of(token())).request(Optional.empty());

    assertThat(issued.certificate().certificates())
        .hasSize(2)
        .last()
        .isEqualTo(ca.authority.signing().authority().root());
  }

  @Test
  void learnsOfANewRootWhileItIsDistributed() throws Exception {
    TrustBundle both = ca.authority.beginRotation();

    IssuedCertificate during = client(Optional.of(token())).request(Optional.empty());
    ca.authority.switchSigning(Set.of());
    IssuedCertificate after = client(Optional.empty()).request(Optional.of(during.certificate()));
    ca.authority.dropOldRoot(Duration.ofDays(1), Optional.of(Set.of()));

    assertThat(during.roots()).isEqualTo(both);
    assertThat(after.roots().fingerprints())
        .containsExactlyInAnyOrderElementsOf(both.fingerprints());
    // The listener still serves by the old root here, so later tests of this class keep trusting
    // it.
    ca.authority.federate(both);
  }

  @Test
  void doesNotRepeatARefusalAndPassesItsReasonOn() {
    CertificateRequestFailed failed =
        catchThrowableOfType(
            CertificateRequestFailed.class,
            () -> client(Optional.of("x.y.z")).request(Optional.empty()));

    assertThat(failed.status()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(failed).hasMessageContaining("malformed token").hasMessageContaining("after 1 try");
    assertThat(pauses).isEmpty();
  }

  @Test
  void triesFiveTimesWhenNobodyAnswers() throws Exception {
    int closedPort;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closedPort = socket.getLocalPort();
    }

    CertificateRequestFailed failed =
        catchThrowableOfType(
            CertificateRequestFailed.class,
            () -> client(closedPort, ca.bundle(), Optional.of(token())).request(Optional.empty()));

    assertThat(failed.status()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(pauses).hasSize(4).isSorted();
    assertThat(pauses.getFirst()).isBetween(Duration.ofMillis(90), Duration.ofMillis(110));
    assertThat(pauses.getLast()).isBetween(Duration.ofMillis(720), Duration.ofMillis(880));
  }

  @Test
  void doesNotTalkToACaOfAnotherRoot() throws Exception {
    CaCredentials stranger =
        CaCredentials.selfSigned(
            new CaProfile.Istiod("cluster.local"),
            KeyAlgorithm.DEFAULT,
            Duration.ofDays(1),
            ca.clock.instant(),
            new SecureRandom());

    assertThatThrownBy(
            () ->
                client(ca.port(), TrustBundle.of(stranger.root()), Optional.of(token()))
                    .request(Optional.empty()))
        .isInstanceOf(CertificateRequestFailed.class);
  }

  @Test
  void doesNotBelieveAnAnswerForAnotherKeyOrWithoutRoots() throws Exception {
    IssuedCertificate good = client(Optional.of(token())).request(Optional.empty());
    List<String> chain = List.of(good.certificate().chainPem(), good.roots().pem());

    for (List<String> bad :
        List.of(
            List.<String>of(),
            List.of(good.certificate().chainPem()),
            chain,
            List.of("x", good.roots().pem()))) {
      assertThatThrownBy(
              () ->
                  ReceivedChain.checked(
                      KeyAlgorithm.DEFAULT.generate(new SecureRandom()).getPrivate(),
                      bad,
                      ca.clock))
          .isInstanceOf(CertificateRequestFailed.class)
          .hasMessageContaining("does not hold");
    }
  }

  private String token() {
    return ca.authority.joinTokens().issue("sample", "sleep", Duration.ofMinutes(5));
  }

  private CertificateClient client(Optional<String> token) {
    return client(ca.port(), ca.bundle(), token);
  }

  private CertificateClient client(int port, TrustBundle trust, Optional<String> token) {
    pauses.clear();
    return new CertificateClient(
        CertificateClient.Settings.of(
            InetAddress.getLoopbackAddress().getHostAddress(),
            port,
            LoopbackCa.SERVER_NAME,
            "east"),
        () -> trust,
        () -> token,
        pauses::add,
        ca.clock,
        new SecureRandom());
  }
}
