package io.selvage.ca.roots;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.ca.SigningState;
import io.selvage.ca.roots.CertificateAuthorityService.Settings;
import io.selvage.pki.CaProfile;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Two authorities on one store, as two replicas have it. */
class SharedStoreTest {
  private static final Settings SETTINGS = Settings.of(new CaProfile.Istiod("it.mesh"), "it.mesh");

  private final InstantSource clock = InstantSource.system();
  private Optional<CaState> stored = Optional.empty();

  private final CaStore store =
      new CaStore() {
        @Override
        public Optional<CaState> load() {
          return stored;
        }

        @Override
        public void save(CaState state) {
          stored = Optional.of(state);
        }
      };

  private CertificateAuthorityService open() throws Exception {
    return CertificateAuthorityService.open(SETTINGS, store, clock, new SecureRandom());
  }

  @Test
  void whatOneStoresTheOtherTakesUp() throws Exception {
    CertificateAuthorityService one = open();
    CertificateAuthorityService two = open();
    List<SigningState> told = new ArrayList<>();
    two.onChange(told::add);
    two.reload();
    assertThat(told).as("nothing is new").isEmpty();
    one.beginRotation();
    one.switchSigning(Set.of());
    two.reload();
    assertThat(told).hasSize(1);
    assertThat(two.bundle()).isEqualTo(one.bundle());
    assertThat(two.signing().authority().root()).isEqualTo(one.signing().authority().root());
    assertThat(two.generation()).isEqualTo(one.generation());
  }

  @Test
  void anEarlierStateOfABackupIsReplacedByWhatIsHeld() throws Exception {
    CertificateAuthorityService one = open();
    Optional<CaState> before = stored;
    one.beginRotation();
    long now = one.generation();
    Optional<CaState> after = stored;
    stored = before;
    one.reload();
    assertThat(one.generation()).isEqualTo(now);
    assertThat(one.bundle().roots()).hasSize(2);
    assertThat(stored).isEqualTo(after);
  }

  @Test
  void anotherCaIsNeitherTakenUpNorWrittenOver() throws Exception {
    CertificateAuthorityService one = open();
    one.beginRotation();
    Optional<CaState> mine = stored;
    stored = Optional.empty();
    open();
    Optional<CaState> others = stored;
    assertThat(others).isNotEqualTo(mine);
    one.reload();
    assertThat(stored).isEqualTo(others);
    assertThat(one.bundle()).isEqualTo(mine.orElseThrow().bundle());
  }

  @Test
  void whatIsGoneIsStoredAgain() throws Exception {
    CertificateAuthorityService one = open();
    stored = Optional.empty();
    one.reload();
    assertThat(stored)
        .hasValueSatisfying(
            state ->
                assertThat(state.rotation().signing().root())
                    .isEqualTo(one.signing().authority().root()));
  }
}
