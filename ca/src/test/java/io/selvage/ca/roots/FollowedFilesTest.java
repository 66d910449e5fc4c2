package io.selvage.ca.roots;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.ca.roots.CertificateAuthorityService.Settings;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.TrustBundle;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An authority whose CA the user brings in files that change while it runs. */
class FollowedFilesTest {
  private static final CaProfile PROFILE = new CaProfile.Istiod("it.mesh");

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final SecureRandom random = new SecureRandom();
  private CaCredentials old;
  private CaCredentials fresh;
  private CertificateAuthorityService authority;

  @BeforeEach
  void start() throws Exception {
    old = root();
    fresh = root();
    authority =
        CertificateAuthorityService.open(
            Settings.of(PROFILE, "it.mesh"), new Memory(), files(old, old), now::get, random);
  }

  private CaCredentials root() throws Exception {
    return CaCredentials.selfSigned(
        PROFILE, KeyAlgorithm.DEFAULT, Duration.ofDays(30), now.get(), random);
  }

  /** Signing by the first, with the roots of the others. */
  private static PluggedInCa files(CaCredentials signing, CaCredentials... roots) {
    return new PluggedInCa(
        signing, TrustBundle.of(Arrays.stream(roots).map(CaCredentials::root).toList()));
  }

  private X509Certificate signs() {
    return authority.signing().authority().root();
  }

  @Test
  void aRootThatComesIsTrustedAndOneThatGoesIsNot() throws Exception {
    authority.follow(files(old, old, fresh), false);
    assertThat(authority.bundle().roots()).containsExactly(old.root(), fresh.root());
    assertThat(authority.ownBundle()).isEqualTo(authority.bundle());
    assertThat(signs()).isEqualTo(old.root());
    authority.follow(files(old, old), false);
    assertThat(authority.bundle().roots()).containsExactly(old.root());
  }

  @Test
  void theRootThatSignsIsTrustedWhateverTheFilesSay() throws Exception {
    authority.follow(files(old, fresh), false);
    assertThat(authority.bundle().roots()).containsExactly(old.root(), fresh.root());
  }

  @Test
  void anotherRootSignsOnceItIsHeldAndTheOldOneGoesWithTheFiles() throws Exception {
    authority.follow(files(old, old, fresh), false);
    authority.follow(files(fresh, old, fresh), true);
    assertThat(signs()).isEqualTo(fresh.root());
    assertThat(authority.bundle().roots()).contains(old.root(), fresh.root());
    authority.follow(files(fresh, fresh), true);
    assertThat(authority.bundle().roots()).containsExactly(fresh.root());
  }

  @Test
  void filesThatAreReplacedInOneStrokeCutNobodyOff() throws Exception {
    authority.follow(files(fresh, fresh), false);
    assertThat(signs()).as("nobody says that it is held").isEqualTo(old.root());
    assertThat(authority.bundle().roots()).contains(old.root(), fresh.root());
    now.set(now.get().plus(Duration.ofHours(25)));
    authority.follow(files(fresh, fresh), false);
    assertThat(signs()).as("all certificates came with it").isEqualTo(fresh.root());
    assertThat(authority.bundle().roots()).contains(old.root());
    now.set(now.get().plus(Duration.ofHours(25)));
    authority.follow(files(fresh, fresh), false);
    assertThat(authority.bundle().roots())
        .as("no certificate of it is left")
        .containsExactly(fresh.root());
  }

  @Test
  void theOldRootSignsAgainWhenTheFilesGoBack() throws Exception {
    authority.follow(files(fresh, old, fresh), true);
    authority.follow(files(old, old, fresh), true);
    assertThat(signs()).isEqualTo(old.root());
    assertThat(authority.bundle().roots()).contains(old.root(), fresh.root());
    authority.follow(files(old, old), true);
    assertThat(authority.bundle().roots()).containsExactly(old.root());
  }

  @Test
  void aChangeThatIsTakenBackBeforeItSignedIsForgotten() throws Exception {
    authority.follow(files(fresh, old, fresh), false);
    authority.follow(files(old, old), false);
    assertThat(authority.bundle().roots()).containsExactly(old.root());
    assertThat(authority.rotation()).isInstanceOf(RootRotation.Steady.class);
  }

  @Test
  void anotherIssuerBelowTheSameRootSignsAtOnce() throws Exception {
    CaCredentials below =
        old.intermediate(PROFILE, KeyAlgorithm.DEFAULT, Duration.ofDays(20), now.get(), random);
    authority.follow(files(below, old), false);
    assertThat(authority.rotation().signing().issuer()).isEqualTo(below.issuer());
  }

  @Test
  void whatIsTheSameChangesNothing() throws Exception {
    long before = authority.generation();
    authority.follow(files(old, old), false);
    assertThat(authority.generation()).isEqualTo(before);
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
