package io.selvage.control.kubernetes.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.ca.auth.Authentication;
import io.selvage.ca.auth.Authentication.Authenticated;
import io.selvage.ca.auth.Authentication.Refused;
import io.selvage.ca.auth.Authenticator;
import io.selvage.ca.auth.CallerEvidence;
import io.selvage.ca.roots.CaState;
import io.selvage.ca.roots.CaStore;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.ca.roots.CertificateAuthorityService.Settings;
import io.selvage.model.MeshConfig;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PeerVerifier.PeerRole;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.VerificationFailure;
import io.selvage.pki.VerifiedIdentity;
import io.selvage.pki.WorkloadCertificate;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A trust domain that changes while the authority runs. */
class TrustDomainNowTest {
  private static final CallerEvidence NOBODY =
      new CallerEvidence(Optional.empty(), Optional.empty(), List.of(), Optional.empty());

  private final TrustDomainNow names = new TrustDomainNow("old.mesh");
  private CertificateAuthorityService authority;

  @BeforeEach
  void start() throws Exception {
    authority =
        CertificateAuthorityService.open(
            Settings.of(new CaProfile.Istiod("old.mesh"), "old.mesh"),
            new Memory(),
            InstantSource.system(),
            new SecureRandom());
  }

  private static Authenticator knowing(String domain) {
    return new Authenticator() {
      @Override
      public String name() {
        return "it";
      }

      @Override
      public Authentication authenticate(CallerEvidence evidence) {
        return new Authenticated(SpiffeId.workload(domain, "pay", "pay"), name());
      }
    };
  }

  private static String named(Authentication outcome) {
    return switch (outcome) {
      case Authenticated known -> known.id().toString();
      case Refused refused -> refused.code();
    };
  }

  private void follow(String domain, String... aliases) {
    names.follow(MeshConfig.DEFAULTS.withTrustDomain(domain, List.of(aliases)), authority);
  }

  @Test
  void whoProvesAnAccountIsNamedAfterTheTrustDomainOfNow() {
    Authenticator tokens = names.over(knowing("old.mesh"));
    assertThat(named(tokens.authenticate(NOBODY))).isEqualTo("spiffe://old.mesh/ns/pay/sa/pay");
    follow("new.mesh", "old.mesh");
    assertThat(named(tokens.authenticate(NOBODY))).isEqualTo("spiffe://new.mesh/ns/pay/sa/pay");
    assertThat(names.get()).isEqualTo("new.mesh");
    assertThat(names.accepted()).containsExactly("new.mesh", "old.mesh");
  }

  @Test
  void whoIsOfAnotherMeshKeepsItsName() {
    follow("new.mesh", "old.mesh", "their.mesh");
    assertThat(named(names.over(knowing("their.mesh")).authenticate(NOBODY)))
        .isEqualTo("spiffe://their.mesh/ns/pay/sa/pay");
  }

  @Test
  void aCertificateOfAFormerNameIsNotRenewed() {
    Authenticator certificates = names.only(knowing("old.mesh"));
    assertThat(named(certificates.authenticate(NOBODY)))
        .isEqualTo("spiffe://old.mesh/ns/pay/sa/pay");
    follow("new.mesh", "old.mesh");
    assertThat(named(certificates.authenticate(NOBODY))).isEqualTo("SLV1009");
  }

  @Test
  void connectionsAreTakenUnderEachAcceptedNameAndNoOther() throws Exception {
    WorkloadCertificate old =
        authority
            .signing()
            .authority()
            .issue(
                KeyAlgorithm.DEFAULT,
                SpiffeId.workload("old.mesh", "pay", "pay"),
                Duration.ofHours(1));
    follow("new.mesh", "old.mesh");
    assertThat(authority.signing().verifier().verify(old.certificates(), PeerRole.CLIENT))
        .isInstanceOf(VerifiedIdentity.class);
    follow("new.mesh");
    assertThat(authority.signing().verifier().verify(old.certificates(), PeerRole.CLIENT))
        .isInstanceOf(VerificationFailure.class);
  }

  /** Nothing that outlives the test. */
  private static final class Memory implements CaStore {
    private Optional<CaState> state = Optional.empty();

    @Override
    public Optional<CaState> load() {
      return state;
    }

    @Override
    public void save(CaState fresh) {
      state = Optional.of(fresh);
    }
  }
}
