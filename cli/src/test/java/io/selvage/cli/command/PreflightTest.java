package io.selvage.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.Surroundings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PreflightTest {
  private static Surroundings with(String version) {
    return of(
        Optional.of(new Surroundings.Settings("cluster.local", "istio-system")),
        List.of(),
        version,
        "");
  }

  private static Surroundings beside(List<String> revisions, String elsewhere) {
    return of(Optional.empty(), revisions, "", elsewhere);
  }

  private static Surroundings of(
      Optional<Surroundings.Settings> settings,
      List<String> revisions,
      String version,
      String elsewhere) {
    return new Surroundings(
        "v1.36.3",
        true,
        List.of(),
        List.of(),
        Optional.empty(),
        settings,
        revisions,
        Optional.of(version)
            .filter(there -> !there.isEmpty())
            .map(there -> new Surroundings.Installed(there, InstallSettings.DEFAULTS)),
        Optional.of(elsewhere).filter(where -> !where.isEmpty()));
  }

  @Test
  void settingsOfARevisionAreNotPassedOver() {
    assertThat(Preflight.settingsOfRevision(with(""), "mesh", "kubectl")).isEmpty();
    assertThat(
            Preflight.settingsOfRevision(
                    beside(List.of("istio-1-24", "istio-1-25"), ""),
                    "mesh",
                    "kubectl --context east")
                .orElseThrow())
        .contains("istio-1-24 and istio-1-25")
        .contains("kubectl --context east -n mesh get configmap istio-1-24 -o ")
        .contains("kubectl --context east -n mesh create configmap istio --from-file=mesh");
  }

  @Test
  void aClusterHasOneSelvage() {
    assertThat(Preflight.elsewhere(with(""))).isEmpty();
    assertThat(Preflight.elsewhere(beside(List.of(), "other")).orElseThrow())
        .contains("--namespace other");
  }

  @Test
  void anotherRootNamespaceIsSaid() {
    assertThat(Preflight.otherRoot(with(""), "istio-system")).isEmpty();
    assertThat(Preflight.otherRoot(with(""), "mesh").orElseThrow()).contains("istio-system");
  }

  private static Optional<String> install(String there) {
    return Preflight.wrongVersion(with(there), "0.2.0", false, false);
  }

  private static Optional<String> upgrade(String there, boolean force) {
    return Preflight.wrongVersion(with(there), "0.2.0", true, force);
  }

  @Test
  void installationsKeepToOneVersion() {
    assertThat(install("")).isEmpty();
    assertThat(install("0.2.0")).isEmpty();
    assertThat(install("0.1.0").orElseThrow()).contains("selvage upgrade");
    assertThat(install("0.3.0").orElseThrow()).contains("selvage upgrade");
  }

  @Test
  void upgradesGoForwardAndBackOnlyByForce() {
    assertThat(upgrade("", false).orElseThrow()).contains("selvage install");
    assertThat(upgrade("0.1.0", false)).isEmpty();
    assertThat(upgrade("0.2.0-SNAPSHOT", false)).isEmpty();
    assertThat(upgrade("0.2.0", false)).isEmpty();
    assertThat(upgrade("0.10.0", false).orElseThrow()).contains("newer", "--force");
    assertThat(upgrade("0.10.0", true)).isEmpty();
    assertThat(upgrade("dev", false)).as("it says nothing").isEmpty();
  }

  @Test
  void aTrustDomainThatIsThereStaysAndThatIsSaid() {
    assertThat(Preflight.otherTrustDomain(with(""), Map.of())).isEmpty();
    assertThat(Preflight.otherTrustDomain(with(""), Map.of("trustDomain", "cluster.local")))
        .isEmpty();
    assertThat(
            Preflight.otherTrustDomain(with(""), Map.of("trustDomain", "example.org"))
                .orElseThrow())
        .contains("stays cluster.local");
  }

  @Test
  void whatMattersInTheClusterIsSaid() {
    Surroundings istio =
        new Surroundings(
            "v1.30.0",
            false,
            List.of("istio-system/istiod"),
            List.of("istio-sidecar-injector"),
            Optional.of("cacerts"),
            Optional.empty(),
            List.of(),
            Optional.empty(),
            Optional.empty());
    assertThat(Preflight.found(istio))
        .anyMatch(line -> line.contains("istio-system/istiod"))
        .anyMatch(line -> line.contains("leaves those labels to it"))
        .anyMatch(line -> line.contains("the CA in the Secret cacerts"));
    assertThat(Preflight.tooOld(istio).orElseThrow()).contains("v1.30.0", "1.28");
    assertThat(Preflight.tooOld(with(""))).isEmpty();
  }
}
