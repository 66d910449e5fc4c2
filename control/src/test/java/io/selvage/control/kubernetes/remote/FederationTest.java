package io.selvage.control.kubernetes.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.remote.Federation.Claims;
import io.selvage.control.kubernetes.remote.RemoteClusters.Trust;
import io.selvage.control.trust.FreshRoot;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ResourceReader;
import io.selvage.pki.TrustBundle;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** For which trust domains the roots of neighbours vouch. */
final class FederationTest {
  private static final TrustBundle WEST = FreshRoot.bundle();
  private static final TrustBundle NORTH = FreshRoot.bundle();
  private static final MeshConfig EAST =
      MeshSnapshot.of(
              1,
              ResourceReader.read(
                      "mesh.yaml",
                      """
                      apiVersion: v1
                      kind: ConfigMap
                      metadata: {name: istio, namespace: istio-system}
                      data:
                        mesh: |
                          trustDomain: east.mesh
                          trustDomainAliases: [west.mesh, north.mesh, cluster.local]
                      """)
                  .resources(),
              List.of())
          .meshConfig();

  private static Trust of(String domain, TrustBundle roots, String allowed) {
    return new Trust(domain, true, true, roots, allowed);
  }

  private static Claims heard(Map<String, Trust> neighbours) {
    return Claims.of(neighbours, EAST, Map.of());
  }

  private static List<String> told(Claims claims) {
    return claims.amiss().entrySet().stream()
        .map(one -> one.getKey() + " " + one.getValue().code())
        .toList();
  }

  @Test
  void aliasesHaveTheRootsOfTheirClusters() {
    Claims claims =
        heard(
            Map.of(
                "west", of("west.mesh", WEST, ""),
                "west-2", of("west.mesh", WEST.withAll(NORTH.roots()), ""),
                "north", of("north.mesh", NORTH, "north.mesh")));
    assertThat(claims.bundles().keySet()).containsExactlyInAnyOrder("west.mesh", "north.mesh");
    assertThat(claims.bundles().get("north.mesh")).isEqualTo(NORTH);
    assertThat(claims.amiss()).isEmpty();
  }

  @Test
  void whoIsNoAliasIsNotBelieved() {
    Claims claims = heard(Map.of("south", of("south.mesh", WEST, "")));
    assertThat(claims.bundles()).isEmpty();
    assertThat(told(claims)).containsExactly("south " + Federation.FOREIGN);
  }

  /** After a change of the own trust domain the former is an alias, and every default as well. */
  @Test
  void whoHasNoSettingsHasNotTheFormerTrustDomainOfThisMesh() {
    Claims claims = heard(Map.of("west", new Trust("cluster.local", false, true, WEST, "")));
    assertThat(claims.bundles()).isEmpty();
    assertThat(told(claims)).containsExactly("west " + Federation.NOT_ITS_OWN);

    Claims named =
        heard(Map.of("west", new Trust("cluster.local", false, true, WEST, "cluster.local")));
    assertThat(named.bundles()).as("unless its Secret says so").containsOnlyKeys("cluster.local");
  }

  @Test
  void nobodyTakesTheTrustDomainThatItsSecretDoesNotGiveIt() {
    Claims claims = heard(Map.of("west", of("cluster.local", WEST, "west.mesh")));
    assertThat(claims.bundles()).isEmpty();
    assertThat(claims.amiss().get("west"))
        .extracting(Problem::message)
        .asString()
        .contains("cluster.local", "west.mesh");
  }

  @Test
  void twoWithDifferentRootsAreNotBothOfOneTrustDomain() {
    Map<String, Trust> both =
        Map.of(
            "a", of("north.mesh", WEST, ""),
            "north", of("north.mesh", NORTH, "north.mesh"));
    assertThat(heard(both).bundles()).isEqualTo(Map.of("north.mesh", NORTH));
    assertThat(told(heard(both))).containsExactly("a " + Federation.NOT_ITS_OWN);

    Claims written = Claims.of(both, EAST, Map.of("north.mesh", FreshRoot.bundle()));
    assertThat(written.bundles()).as("what the settings say comes first").isEmpty();
    assertThat(written.amiss()).containsOnlyKeys("a", "north");
  }
}
