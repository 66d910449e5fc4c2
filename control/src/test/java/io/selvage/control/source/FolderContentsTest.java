package io.selvage.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ResourceReader;
import io.selvage.model.WorkloadView;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FolderContentsTest {
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");
  private static final Path A = Path.of("mesh/a.yaml");
  private static final Path B = Path.of("mesh/b.yaml");

  private final FolderContents contents = new FolderContents();

  @Test
  void aResourceWhoseNewTextIsRefusedStaysAsItWas() {
    read(A, policy("p", "DENY"));
    contents.snapshot();
    read(A, policy("p", "DENNY"));

    MeshSnapshot snapshot = contents.snapshot();

    assertThat(policies(snapshot)).extracting(p -> p.meta().name()).containsExactly("p");
    assertThat(snapshot.problems())
        .anySatisfy(problem -> assertThat(problem.render()).contains("a.yaml:5", "DENNY"));
  }

  @Test
  void aHalfWrittenFileTakesNothingAway() {
    read(A, policy("p", "DENY") + "---\n" + policy("q", "DENY"));
    contents.snapshot();
    read(A, policy("p", "DENY") + "---\napiVersion: security.istio.io/v1\nkind: Autho");

    assertThat(policies(contents.snapshot()))
        .extracting(p -> p.meta().name())
        .containsExactly("p", "q");
  }

  @Test
  void anEmptiedFileCountsOnlyAfterAMoment() {
    read(A, policy("p", "DENY"));
    contents.snapshot();

    contents.read(A, "", FolderContentsTest::reader, T0);
    contents.expire(T0.plus(FolderContents.EMPTIED).minusMillis(1));
    assertThat(policies(contents.snapshot())).hasSize(1);

    assertThat(contents.expire(T0.plus(FolderContents.EMPTIED))).isTrue();
    assertThat(policies(contents.snapshot())).isEmpty();
  }

  @Test
  void aFileThatComesBackInTimeWasNeverGone() {
    read(A, policy("p", "DENY"));
    contents.snapshot();
    contents.vanished(A, T0);
    read(A, policy("p", "DENY"));

    assertThat(contents.nextExpiry()).isEmpty();
    assertThat(contents.expire(T0.plusSeconds(9))).isFalse();
    assertThat(policies(contents.snapshot())).hasSize(1);
  }

  @Test
  void aDeletedFileTakesItsResourcesAlong() {
    read(A, policy("p", "DENY"));
    contents.snapshot();
    contents.vanished(A, T0);

    assertThat(contents.nextExpiry()).contains(T0.plus(FolderContents.VANISHED));
    assertThat(contents.expire(T0.plus(FolderContents.VANISHED))).isTrue();
    assertThat(policies(contents.snapshot())).isEmpty();
  }

  @Test
  void aRenamedFileIsNoDuplicateOfItself() {
    read(A, policy("p", "DENY"));
    contents.snapshot();
    read(B, policy("p", "DENY"));
    contents.vanished(A, T0);

    assertThat(contents.snapshot().problems()).isEmpty();
  }

  @Test
  void aPolicyThatCannotBeReadAtTheStartDeniesItsNamespace() {
    read(A, policy("p", "DENNY"));

    MeshSnapshot snapshot = contents.snapshot();

    assertThat(snapshot.authorizationPoliciesFor(new WorkloadView("sample", Map.of())))
        .singleElement()
        .satisfies(denial -> assertThat(denial.ruleList()).isEmpty())
        .satisfies(
            denial -> assertThat(denial.action()).isEqualTo(AuthorizationPolicy.Action.ALLOW));
    assertThat(snapshot.authorizationPoliciesFor(new WorkloadView("other", Map.of()))).isEmpty();
    assertThat(snapshot.problems())
        .extracting(Problem::code)
        .contains(FolderContents.UNREAD_AT_START);
  }

  @Test
  void textThatIsNoYamlAtTheStartDeniesTheWholeMesh() {
    read(A, "{{{");

    assertThat(contents.snapshot().authorizationPoliciesFor(new WorkloadView("any", Map.of())))
        .hasSize(1);
  }

  @Test
  void theDenialEndsWhenTheFileIsMended() {
    read(A, policy("p", "DENNY"));
    contents.snapshot();
    read(A, policy("p", "DENY"));

    assertThat(policies(contents.snapshot())).extracting(p -> p.meta().name()).containsExactly("p");
  }

  @Test
  void aRefusedServiceAtTheStartDeniesNothing() {
    read(A, "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: 7}\n");

    assertThat(policies(contents.snapshot())).isEmpty();
  }

  private void read(Path file, String text) {
    contents.read(file, text, FolderContentsTest::reader, T0);
  }

  private static io.selvage.model.ReadResult reader(Path file, String text) {
    return ResourceReader.read(file.toString(), text);
  }

  private static List<AuthorizationPolicy> policies(MeshSnapshot snapshot) {
    return snapshot.all(AuthorizationPolicy.class);
  }

  static String policy(String name, String action) {
    return """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: %s, namespace: sample}
        spec:
          action: %s
          rules: [{from: [{source: {namespaces: [other]}}]}]
        """
        .formatted(name, action);
  }
}
