package io.selvage.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConfigurationReportTest {

  private static final String DENY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: deny, namespace: pay}
      spec: {}
      """;
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: pay}
      spec: {mtls: {mode: STRICT}}
      """;

  private final Told told = new Told();
  private final ConfigurationReport report = new ConfigurationReport("east: ", told);
  private long generation;

  private MeshSnapshot snapshot(String yaml, Problem... problems) {
    var read = ResourceReader.read("p.yaml", yaml);
    return MeshSnapshot.of(
        ++generation,
        read.resources(),
        Stream.concat(read.problems().stream(), Stream.of(problems)).toList());
  }

  private static Problem refused() {
    return Problem.error("SLV7201", new SourceLocation("p.yaml", 4, 1), "spec.x", "is unknown");
  }

  @Test
  void theFirstConfigurationIsNotNews() {
    report.taken(snapshot(DENY));
    assertThat(told.taken()).isEmpty();
  }

  @Test
  void whatCameChangedAndWentIsNamedWithItsPlace() {
    report.taken(snapshot(STRICT));
    report.taken(snapshot(STRICT + "---\n" + DENY));
    assertThat(told.taken())
        .containsExactly("N east: configuration 2: + AuthorizationPolicy pay/deny (p.yaml:6)");
    report.taken(snapshot(STRICT.replace("STRICT", "PERMISSIVE")));
    assertThat(told.taken())
        .containsExactly(
            "N east: configuration 3: ~ PeerAuthentication pay/default (p.yaml:1)",
            "N east: configuration 3: - AuthorizationPolicy pay/deny");
  }

  @Test
  void aResourceThatOnlyMovedWithinItsFileIsTheSame() {
    report.taken(snapshot(STRICT));
    report.taken(snapshot("# a comment\n\n" + STRICT));
    assertThat(told.taken()).isEmpty();
  }

  @Test
  void aMistakeIsToldOnceAndSoIsItsEnd() {
    report.taken(snapshot(DENY));
    report.taken(snapshot(DENY, refused()));
    report.taken(snapshot(DENY + "---\n" + STRICT, refused()));
    assertThat(told.taken())
        .containsExactly(
            "B east: SLV7201 p.yaml:4: spec.x: is unknown\nwhat was there before stays in force",
            "N east: configuration 3: + PeerAuthentication pay/default (p.yaml:6)");
    report.taken(snapshot(DENY));
    assertThat(told.taken()).contains("G east: p.yaml is good again");
  }

  @Test
  void aMistakeAtTheStartIsToldWithoutWhatWasBefore() {
    report.taken(snapshot(DENY, refused()));
    assertThat(told.taken()).isEqualTo(List.of("B east: SLV7201 p.yaml:4: spec.x: is unknown"));
  }
}
