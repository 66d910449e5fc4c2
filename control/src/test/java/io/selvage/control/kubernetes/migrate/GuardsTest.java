package io.selvage.control.kubernetes.migrate;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.control.kubernetes.migrate.Survey.Ca;
import io.selvage.control.kubernetes.migrate.Survey.ControlPod;
import io.selvage.control.kubernetes.migrate.Survey.Mesh;
import io.selvage.control.kubernetes.migrate.Survey.Owner;
import io.selvage.control.kubernetes.migrate.Survey.Plane;
import io.selvage.control.kubernetes.migrate.Survey.Roots;
import io.selvage.control.kubernetes.migrate.Survey.Workload;
import io.selvage.control.kubernetes.trust.TrustReport;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.Fingerprint;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.TrustBundle;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who would be cut off by a step. */
class GuardsTest {
  private static final Instant T = Instant.parse("2026-01-01T12:00:00Z");
  private static X509Certificate old;
  private static X509Certificate fresh;

  private List<ControlPod> istiods =
      List.of(new ControlPod("istiod-2", "default", T.plusSeconds(5)));
  private Map<String, TrustReport.Entry> replicas = Map.of();
  private Instant now = T.plusSeconds(60);
  private Plane plane = Plane.ISTIO;

  @BeforeAll
  static void roots() throws Exception {
    old = root();
    fresh = root();
  }

  private static X509Certificate root() throws Exception {
    return CaCredentials.selfSigned(
            new CaProfile.Istiod("it.mesh"),
            KeyAlgorithm.DEFAULT,
            Duration.ofDays(30),
            T,
            new SecureRandom())
        .root();
  }

  private static String id(X509Certificate root) {
    return Fingerprint.sha256Hex(root);
  }

  /** One Pod of namespace pay, whose roots were written at T, as the CA and the settings. */
  private Guards guards(TrustBundle roots, Instant created) {
    return new Guards(
        new Survey(
            now,
            "istio-system",
            new Mesh("it.mesh", List.of("old.mesh"), Optional.of(T)),
            istiods,
            replicas,
            Optional.of(new Ca("cacerts", id(fresh), roots, Optional.of(T))),
            Optional.empty(),
            Map.of("pay", new Roots(roots, Optional.of(T), "pilot-discovery")),
            Map.of(),
            List.of(
                new Workload(
                    "pay",
                    "pay-1",
                    plane,
                    created,
                    new Owner("Deployment", "pay"),
                    List.of(),
                    false))));
  }

  private static TrustBundle both() {
    return TrustBundle.of(List.of(old, fresh));
  }

  @Test
  void aPodThatStartedAfterItsNamespaceGotTheRootHoldsIt() {
    Guards guards = guards(both(), T.plusSeconds(10));
    assertThatCode(() -> guards.held(id(fresh))).doesNotThrowAnyException();
  }

  @Test
  void onePodOfTheSameSecondOrBeforeDoesNot() {
    assertThatThrownBy(() -> guards(both(), T).held(id(fresh)))
        .hasMessageContaining("SLV7282")
        .hasMessageContaining("Pod pay/pay-1");
    assertThatThrownBy(() -> guards(both(), T.minusSeconds(9)).held(id(fresh)))
        .hasMessageContaining("Pod pay/pay-1");
  }

  @Test
  void aDayLaterEveryCertificateWasRenewed() {
    now = T.plus(Duration.ofHours(26));
    Guards guards = guards(both(), T.minusSeconds(9));
    assertThatCode(() -> guards.held(id(fresh))).doesNotThrowAnyException();
  }

  @Test
  void aNamespaceWithoutTheRootIsNamed() {
    assertThatThrownBy(() -> guards(TrustBundle.of(old), T.plusSeconds(10)).held(id(fresh)))
        .hasMessageContaining("istio-ca-root-cert of namespace pay");
  }

  @Test
  void aReplicaThatDoesNotTrustTheRootIsNamed() {
    replicas =
        Map.of("selvage-1", new TrustReport.Entry(id(old), List.of(id(old)), List.of("it.mesh")));
    assertThatThrownBy(() -> guards(both(), T.plusSeconds(10)).held(id(fresh)))
        .hasMessageContaining("Selvage's replica selvage-1");
  }

  @Test
  void oursWithoutAWordOfOurControlPlaneAreNotKnownToHoldAnything() {
    plane = Plane.SELVAGE;
    assertThatThrownBy(() -> guards(both(), T.plusSeconds(10)).held(id(fresh)))
        .hasMessageContaining("selvage-trust");
  }

  @Test
  void aPodOlderThanTheIstiodThatSignsAnewMayHaveAnOldCertificate() {
    assertThatThrownBy(() -> guards(both(), T.plusSeconds(4)).nobodyIsOn(id(old), id(fresh)))
        .hasMessageContaining("Pod pay/pay-1");
    assertThatCode(() -> guards(both(), T.plusSeconds(6)).nobodyIsOn(id(old), id(fresh)))
        .doesNotThrowAnyException();
  }

  @Test
  void anIstiodThatIsOlderThanTheChangeStillSignsAsBefore() {
    istiods = List.of(new ControlPod("istiod-1", "default", T.minusSeconds(1)));
    assertThatThrownBy(() -> guards(both(), T.plusSeconds(10)).nobodyIsOn(id(old), id(fresh)))
        .hasMessageContaining("istiod's Pod istiod-1");
    assertThatThrownBy(() -> guards(both(), T.plusSeconds(10)).accepted("old.mesh"))
        .hasMessageContaining("istiod's Pod istiod-1");
  }

  @Test
  void aReplicaThatDoesNotAcceptTheNewNameIsNamed() {
    replicas =
        Map.of(
            "selvage-1", new TrustReport.Entry(id(fresh), List.of(id(fresh)), List.of("it.mesh")));
    assertThatThrownBy(() -> guards(both(), T.plusSeconds(10)).accepted("old.mesh"))
        .hasMessageContaining("Selvage's replica selvage-1");
    replicas =
        Map.of(
            "selvage-1",
            new TrustReport.Entry(id(fresh), List.of(id(fresh)), List.of("it.mesh", "old.mesh")));
    assertThatCode(() -> guards(both(), T.plusSeconds(10)).accepted("old.mesh"))
        .doesNotThrowAnyException();
  }

  @Test
  void aNameIsInUseUntilEverybodyWasNamedAnew() {
    replicas =
        Map.of(
            "selvage-1", new TrustReport.Entry(id(fresh), List.of(id(fresh)), List.of("old.mesh")));
    assertThatThrownBy(() -> guards(both(), T.plusSeconds(10)).nobodyIsNamed("old.mesh", "it.mesh"))
        .hasMessageContaining("Selvage's replica selvage-1");
    replicas = Map.of();
    assertThatThrownBy(() -> guards(both(), T).nobodyIsNamed("old.mesh", "it.mesh"))
        .hasMessageContaining("Pod pay/pay-1");
    assertThatCode(() -> guards(both(), T.plusSeconds(10)).nobodyIsNamed("old.mesh", "it.mesh"))
        .doesNotThrowAnyException();
  }
}
