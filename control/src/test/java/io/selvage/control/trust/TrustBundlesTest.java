package io.selvage.control.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.pki.TrustBundle;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TrustBundlesTest {
  private final TrustBundle east = FreshRoot.bundle();
  private final TrustBundle west = FreshRoot.bundle();
  private final AtomicInteger changes = new AtomicInteger();
  private final TrustBundles bundles = new TrustBundles(east, changes::incrementAndGet);

  @Test
  void theBundleHoldsTheOwnRootsFirstThenTheOthers() {
    bundles.of("west", west);

    assertThat(bundles.merged().fingerprints())
        .containsExactly(east.fingerprints().getFirst(), west.fingerprints().getFirst());
    assertThat(changes).hasValue(1);
  }

  @Test
  void bothRootsAreTrustedWhileOneReplacesTheOther() {
    TrustBundle next = FreshRoot.bundle();
    bundles.of("west", west);
    bundles.own(east.withAll(next.roots()));
    assertThat(bundles.merged().roots()).hasSize(3);

    bundles.own(next);

    assertThat(bundles.merged().fingerprints())
        .containsExactly(next.fingerprints().getFirst(), west.fingerprints().getFirst());
  }

  @Test
  void whatChangesNothingIsNoChange() {
    bundles.of("west", west);
    bundles.of("west", west);
    bundles.own(east);

    assertThat(changes).hasValue(1);
  }

  @Test
  void aClusterThatLeftIsNoLongerTrusted() {
    bundles.of("west", west);
    bundles.of("west", TrustBundle.empty());

    assertThat(bundles.merged()).isEqualTo(east);
  }

  @Test
  void aClusterMayNotTrustNobody() {
    assertThatThrownBy(() -> bundles.own(TrustBundle.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
