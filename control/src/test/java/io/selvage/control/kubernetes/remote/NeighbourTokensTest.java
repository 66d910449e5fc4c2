package io.selvage.control.kubernetes.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.remote.RemoteClusters.Trust;
import io.selvage.control.trust.FreshRoot;
import io.selvage.pki.TrustBundle;
import org.junit.jupiter.api.Test;

/** Whose API server is believed about identities of {@code east.mesh}. */
final class NeighbourTokensTest {
  private static final TrustBundle OWN = FreshRoot.bundle();
  private static final TrustBundle OTHER = FreshRoot.bundle();

  private static String apart(Trust theirs) {
    return NeighbourTokens.apart(theirs, "east.mesh", OWN).orElse("of this mesh");
  }

  @Test
  void aClusterOfThisMeshIs() {
    assertThat(apart(new Trust("east.mesh", true, true, OWN, ""))).isEqualTo("of this mesh");
    assertThat(apart(new Trust("east.mesh", true, true, OTHER.withAll(OWN.roots()), "")))
        .as("while roots change")
        .isEqualTo("of this mesh");
    assertThat(apart(new Trust("cluster.local", false, true, OWN, "")))
        .as("one that a control plane elsewhere looks after, without settings of its own")
        .isEqualTo("of this mesh");
    assertThat(apart(new Trust("cluster.local", false, false, TrustBundle.empty(), "")))
        .as("one without a CA")
        .isEqualTo("of this mesh");
  }

  @Test
  void aClusterWithACaOfItsOwnIsNot() {
    assertThat(apart(new Trust("west.mesh", true, true, OTHER, "")))
        .isEqualTo("of the trust domain west.mesh");
    assertThat(apart(new Trust("west.mesh", true, true, OWN, "")))
        .as("below one root, where each CA keeps to its own")
        .isEqualTo("of the trust domain west.mesh");
    assertThat(apart(new Trust("east.mesh", true, true, OTHER, "")))
        .isEqualTo("below another root");
    assertThat(apart(new Trust("east.mesh", true, true, TrustBundle.empty(), "")))
        .isEqualTo("whose roots cannot be read");
  }
}
