package io.selvage.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.selvage.ca.proto.istio.IstioCertificateRequest;
import io.selvage.ca.proto.istio.IstioCertificateResponse;
import io.selvage.ca.proto.meshca.MeshCertificateRequest;
import io.selvage.ca.proto.meshca.MeshCertificateResponse;
import io.selvage.pki.CertificateChain;
import io.selvage.pki.CertificateRequest;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CaServerTest {
  private static final SpiffeId SLEEP = SpiffeId.workload("cluster.local", "sample", "sleep");
  private static final SpiffeId OTHER = SpiffeId.workload("cluster.local", "other", "client");
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
  void aJoinTokenGetsACertificateForItsServiceAccount() throws Exception {
    IstioCertificateResponse response = istio(request(csr()), token("sample", "sleep"), null);

    assertThat(response.getCertChainList()).hasSize(2).allMatch(pem -> pem.endsWith("\n"));
    assertThat(CertificateChain.parse(response.getCertChain(0)).spiffeId()).isEqualTo(SLEEP);
    assertThat(response.getCertChain(1)).isEqualTo(ca.bundle().pem());
  }

  @Test
  void aClientCertificateIsRenewedWithoutAToken() throws Exception {
    IstioCertificateResponse response =
        istio(request(csr()), new Metadata(), ca.certificateOf(SLEEP));

    assertThat(CertificateChain.parse(response.getCertChain(0)).spiffeId()).isEqualTo(SLEEP);
  }

  @Test
  void aClientCertificateThatDoesNotHoldEndsTheHandshakeWhateverTokenComesWithIt()
      throws Exception {
    try (LoopbackCa stranger = new LoopbackCa()) {
      WorkloadCertificate foreign = stranger.certificateOf(SLEEP);

      assertThatThrownBy(() -> istio(request(csr()), token("sample", "sleep"), foreign))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }
  }

  @Test
  void aRootThatIsDroppedEndsWhatOpenConnectionsMayDo() throws Exception {
    try (LoopbackCa own = new LoopbackCa()) {
      ManagedChannel open = own.channel(own.certificateOf(SLEEP));
      try {
        LoopbackCa.call(open, CaMethods.ISTIO, request(csr()), new Metadata());
        own.authority.beginRotation();
        own.authority.switchSigning(Set.of());
        LoopbackCa.call(open, CaMethods.ISTIO, request(csr()), new Metadata());
        own.authority.dropOldRoot(java.time.Duration.ZERO, Optional.of(Set.of()));

        assertThatThrownBy(
                () -> LoopbackCa.call(open, CaMethods.ISTIO, request(csr()), new Metadata()))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED))
            .hasMessageContaining("SLV1005")
            .hasMessageContaining("does not lead to a trusted root");
      } finally {
        open.shutdownNow();
      }
    }
  }

  @Test
  void theHeaderOfATrustedGatewayNamesTheCaller() throws Exception {
    IstioCertificateResponse response =
        istio(request(csr()), forwarded(OTHER), ca.certificateOf(LoopbackCa.GATEWAY));

    assertThat(CertificateChain.parse(response.getCertChain(0)).spiffeId()).isEqualTo(OTHER);
  }

  @Test
  void aClientThatItsGatewayCannotNameDoesNotPassForTheGateway() throws Exception {
    for (String header :
        List.of(
            "By=x;Hash=ab;Subject=\"\"",
            "By=x;URI=spiffe://other.mesh/ns/a/sa/b",
            "By=x;URI=\"spiffe://cluster.local/ns/a/sa/b",
            "By=x;URI=" + SLEEP + ";URI=" + OTHER,
            "By=x;URI=" + SLEEP + ",By=x;Hash=ab")) {
      Metadata headers = new Metadata();
      headers.put(CaMethods.FORWARDED_CLIENT_CERT, header);

      assertThatThrownBy(() -> istio(request(csr()), headers, ca.certificateOf(LoopbackCa.GATEWAY)))
          .as(header)
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED))
          .hasMessageContaining("Authenticator XfccAuthenticator at index 0 got error: SLV");
    }
  }

  @Test
  void theHeaderOfAnybodyElseNamesNobody() throws Exception {
    IstioCertificateResponse response =
        istio(request(csr()), forwarded(OTHER), ca.certificateOf(SLEEP));

    assertThat(CertificateChain.parse(response.getCertChain(0)).spiffeId()).isEqualTo(SLEEP);
    assertThat(refusal(request(csr()), forwarded(OTHER)).getCode())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void aCallerWithoutAnythingIsToldWhatEachAuthenticatorMissed() {
    double failures = counter(CaCounters.AUTHENTICATION_FAILURES);

    Status refusal = refusal(request(csr()), new Metadata());

    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(refusal.getDescription())
        .startsWith("request authenticate failure")
        .contains("Authentication failed: Authenticator XfccAuthenticator at index 0 got error: ")
        .contains("Authenticator ClientCertAuthenticator at index 1 got error: ")
        .contains("the peer sent no certificate")
        .contains("Authenticator JoinTokenAuthenticator at index 2 got error: ")
        .contains("no token");
    assertThat(counter(CaCounters.AUTHENTICATION_FAILURES)).isEqualTo(failures + 1);
  }

  @Test
  void aBadRequestIsAnInvalidArgument() {
    Status refusal = refusal(request("no PEM"), token("sample", "sleep"));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).startsWith("CSR signing error (");
  }

  @Test
  void aLongerLifeThanTheLimitIsAnInvalidArgument() {
    IstioCertificateRequest request =
        request(csr()).toBuilder().setValidityDuration(91L * 24 * 3600).build();

    Status refusal = refusal(request, token("sample", "sleep"));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(refusal.getDescription()).contains("greater than the max allowed TTL");
    assertThat(
            refusal(
                    request.toBuilder().setValidityDuration(Long.MAX_VALUE).build(),
                    token("sample", "sleep"))
                .getCode())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @Test
  void nobodyMayAskInAnothersName() {
    IstioCertificateRequest request =
        request(csr()).toBuilder()
            .setMetadata(
                Struct.newBuilder()
                    .putFields(
                        "ImpersonatedIdentity",
                        Value.newBuilder().setStringValue(OTHER.toString()).build()))
            .build();

    Status refusal = refusal(request, token("sample", "sleep"));

    assertThat(refusal.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(refusal.getDescription())
        .startsWith("request impersonation authentication failure")
        .contains("SLV5016");
    IstioCertificateRequest inAnotherForm =
        request(csr()).toBuilder()
            .setMetadata(
                Struct.newBuilder()
                    .putFields(
                        "ImpersonatedIdentity",
                        Value.newBuilder()
                            .setListValue(
                                ListValue.newBuilder()
                                    .addValues(Value.newBuilder().setStringValue(OTHER.toString())))
                            .build()))
            .build();
    assertThat(refusal(inAnotherForm, token("sample", "sleep")).getCode())
        .isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  @Test
  void theHintsThatAnAgentAlwaysSendsChangeNothing() throws Exception {
    IstioCertificateRequest request =
        request(csr()).toBuilder()
            .setMetadata(
                Struct.newBuilder()
                    .putFields("CertSigner", Value.newBuilder().setStringValue("").build())
                    .putFields(
                        "ImpersonatedIdentity", Value.newBuilder().setStringValue("").build()))
            .build();

    assertThat(istio(request, token("sample", "sleep"), null).getCertChainCount()).isEqualTo(2);
  }

  @Test
  void everyRefusalIsCounted() {
    double before = counter(CaCounters.CSR_SIGNING_ERRORS);

    for (MeshCertificateRequest request :
        List.of(
            mesh("no uuid"),
            mesh(UUID.randomUUID().toString()).toBuilder()
                .setValidity(Duration.newBuilder().setSeconds(Long.MIN_VALUE).setNanos(-1))
                .build(),
            mesh(UUID.randomUUID().toString()).toBuilder()
                .setValidity(Duration.newBuilder().setSeconds(1).setNanos(Integer.MIN_VALUE))
                .build())) {
      assertThatThrownBy(() -> ca.call(CaMethods.MESH, request, token("sample", "sleep"), null))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
          .hasMessageContaining("SLV1025");
    }

    assertThat(counter(CaCounters.CSR_SIGNING_ERRORS)).isEqualTo(before + 3);
  }

  @Test
  void theMeshCaRepeatsItsAnswerForARepeatedRequest() throws Exception {
    MeshCertificateRequest request = mesh(UUID.randomUUID().toString());
    Metadata headers = token("sample", "sleep");

    MeshCertificateResponse first = ca.call(CaMethods.MESH, request, headers, null);
    MeshCertificateResponse again = ca.call(CaMethods.MESH, request, headers, null);
    MeshCertificateResponse others =
        ca.call(CaMethods.MESH, request, token("other", "client"), null);

    assertThat(first.getCertChainCount()).isEqualTo(2);
    assertThat(again).isEqualTo(first);
    assertThat(others).isNotEqualTo(first);
    MeshCertificateRequest different = request.toBuilder().setCsr(csr()).build();
    assertThatThrownBy(() -> ca.call(CaMethods.MESH, different, headers, null))
        .hasMessageContaining("used before");
  }

  @Test
  void theMeshCaForgetsARequestAfterItsWindow() throws Exception {
    RepeatedRequests repeated = new RepeatedRequests(ca.clock);
    RepeatedRequests.Key key = new RepeatedRequests.Key(SLEEP, UUID.randomUUID());
    MeshCertificateRequest request = mesh(key.requestId().toString());
    repeated.remember(key, request, MeshCertificateResponse.getDefaultInstance());

    assertThat(repeated.find(key, request)).isInstanceOf(RepeatedRequests.Earlier.Same.class);
    ca.clock.advance(RepeatedRequests.WINDOW);
    assertThat(repeated.find(key, request)).isInstanceOf(RepeatedRequests.Earlier.None.class);
  }

  @Test
  void theMeshCaRefusesARequestIdThatIsNoUuid() {
    for (String id :
        new String[] {"", "1-1-1-1-1", "00000000-0000-0000-0000-000000000000", "x".repeat(36)}) {
      assertThatThrownBy(() -> ca.call(CaMethods.MESH, mesh(id), token("sample", "sleep"), null))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
    }
  }

  @Test
  void countsWhatItDoes() throws Exception {
    double issued = counter(CaCounters.ISSUED);
    double requested = counter(CaCounters.CSR_COUNT);

    istio(request(csr()), token("sample", "sleep"), null);

    assertThat(counter(CaCounters.ISSUED)).isEqualTo(issued + 1);
    assertThat(counter(CaCounters.CSR_COUNT)).isEqualTo(requested + 1);
    assertThat(counter(CaCounters.ROOT_EXPIRY))
        .isEqualTo(
            (double)
                ca.authority
                    .signing()
                    .authority()
                    .root()
                    .getNotAfter()
                    .toInstant()
                    .getEpochSecond());
  }

  private IstioCertificateResponse istio(
      IstioCertificateRequest request, Metadata headers, @Nullable WorkloadCertificate certificate)
      throws Exception {
    return ca.call(CaMethods.ISTIO, request, headers, certificate);
  }

  private Status refusal(IstioCertificateRequest request, Metadata headers) {
    return catchThrowableOfType(StatusRuntimeException.class, () -> istio(request, headers, null))
        .getStatus();
  }

  private double counter(String name) {
    return ca.issuance.counters().read().getOrDefault(name, Double.NaN);
  }

  private Metadata token(String namespace, String account) {
    Metadata headers = new Metadata();
    String token =
        ca.authority.joinTokens().issue(namespace, account, java.time.Duration.ofMinutes(5));
    headers.put(CaMethods.AUTHORIZATION, "Bearer " + token);
    return headers;
  }

  private static Metadata forwarded(SpiffeId id) {
    Metadata headers = new Metadata();
    headers.put(CaMethods.FORWARDED_CLIENT_CERT, "By=x;Hash=ab;Subject=\"\";URI=" + id);
    return headers;
  }

  private static IstioCertificateRequest request(String csr) {
    return IstioCertificateRequest.newBuilder().setCsr(csr).build();
  }

  private static MeshCertificateRequest mesh(String requestId) {
    return MeshCertificateRequest.newBuilder()
        .setRequestId(requestId)
        .setCsr(csr())
        .setValidity(Duration.newBuilder().setSeconds(3600))
        .build();
  }

  private static String csr() {
    try {
      return CertificateRequest.create(
              KeyAlgorithm.DEFAULT.generate(new java.security.SecureRandom()))
          .pem();
    } catch (io.selvage.pki.PkiException e) {
      throw new AssertionError(e);
    }
  }
}
