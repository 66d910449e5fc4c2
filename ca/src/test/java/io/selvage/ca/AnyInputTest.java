package io.selvage.ca;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.ca.auth.FetchedKeys;
import io.selvage.ca.auth.XfccAuthenticator;
import io.selvage.ca.proto.meshca.MeshCertificateRequest;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.WorkloadCertificate;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What strangers write is answered by a refusal, whatever it is, and never by an exception. */
class AnyInputTest {
  private static final SpiffeId GATEWAY = SpiffeId.workload("cluster.local", "edge", "gateway");
  private static final SpiffeId SLEEP = SpiffeId.workload("cluster.local", "sample", "sleep");
  private static final MovableClock CLOCK = new MovableClock();
  private static final CertificateAuthorityService AUTHORITY = authority();
  private static final WorkloadCertificate GATEWAYS_OWN = certificate();
  private static final String GOOD =
      "By=spiffe://cluster.local/ns/a/sa/b;Hash=ab12;Subject=\"CN=x,O=\\\"y\\\"\";URI=" + SLEEP;

  @Property(tries = 2000)
  void aForwardedHeaderNamesItsOneUriOrNobody(@ForAll String text, @ForAll long seed) {
    Random random = new Random(seed);
    StringBuilder bent = new StringBuilder(GOOD);
    for (int i = 0; i < 2; i++) {
      bent.setCharAt(
          random.nextInt(bent.length()), ",;=\"\\ aU\0\u00e9".charAt(random.nextInt(10)));
    }
    XfccAuthenticator authenticator =
        new XfccAuthenticator(Set.of(GATEWAY), () -> AUTHORITY.signing().verifier());
    for (String header : List.of(text, bent.toString(), GOOD + "," + text)) {
      Authentication outcome =
          authenticator.authenticate(
              new CallerEvidence(
                  Optional.empty(),
                  Optional.of(header),
                  GATEWAYS_OWN.certificates(),
                  Optional.empty()));
      if (outcome instanceof Authentication.Authenticated known) {
        assertThat(header).contains(known.id().toString());
      }
    }
  }

  @Property(tries = 500)
  void anyAnswerOfAnIssuerIsKeysOrATrouble(@ForAll String text, @ForAll byte[] bytes) {
    for (byte[] answer :
        List.of(
            text.getBytes(StandardCharsets.UTF_8),
            bytes,
            ("{\"keys\":[" + text + "]}").getBytes(StandardCharsets.UTF_8),
            "[".repeat(50_000).getBytes(StandardCharsets.UTF_8),
            "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"a\"}]}"
                .getBytes(StandardCharsets.UTF_8))) {
      FetchedKeys keys = new FetchedKeys(URI.create("https://issuer/jwks"), _ -> answer, CLOCK);

      assertThat(keys.keys().isEmpty()).isTrue();
      assertThat(keys.trouble()).isPresent();
    }
  }

  @Property(tries = 500)
  void anyAuthorizationIsATokenOrNone(@ForAll String text) {
    CallerEvidence evidence =
        new CallerEvidence(Optional.of(text), Optional.empty(), List.of(), Optional.empty());

    assertThat(AUTHORITY.joinTokens().authenticator().authenticate(evidence))
        .isInstanceOf(Authentication.Refused.class);
    assertThat(evidence.toString()).hasSizeLessThan(120);
  }

  @Property(tries = 300)
  void anyMessageOfTheMeshCaIsAnsweredByAStatus(
      @ForAll String id, @ForAll String csr, @ForAll long seconds, @ForAll int nanos) {
    CertificateIssuance issuance =
        new CertificateIssuance(AUTHORITY.joinTokens().authenticator(), AUTHORITY::signing);
    MeshCertificateService service = new MeshCertificateService(issuance, CLOCK);
    CallerEvidence evidence =
        CallerEvidence.ofToken(
            AUTHORITY.joinTokens().issue("sample", "sleep", Duration.ofMinutes(1)));
    MeshCertificateRequest request =
        MeshCertificateRequest.newBuilder()
            .setRequestId(id)
            .setCsr(csr)
            .setValidity(
                com.google.protobuf.Duration.newBuilder().setSeconds(seconds).setNanos(nanos))
            .build();

    assertThat(service.create(request, evidence)).isInstanceOf(Answer.Failed.class);
    assertThat(
            service.create(
                request.toBuilder().setRequestId("2f1e9a34-0d5b-4a57-9c2d-3a1b5c7d9e0f").build(),
                evidence))
        .isInstanceOf(Answer.Failed.class);
  }

  private static CertificateAuthorityService authority() {
    try {
      return CertificateAuthorityService.open(
          CertificateAuthorityService.Settings.of(
              new CaProfile.Istiod("cluster.local"), "cluster.local"),
          new LoopbackCa.MemoryStore(),
          CLOCK,
          new SecureRandom());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static WorkloadCertificate certificate() {
    try {
      return AUTHORITY
          .signing()
          .authority()
          .issue(KeyAlgorithm.DEFAULT, GATEWAY, Duration.ofHours(1));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
