package io.selvage.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.Problem;
import io.selvage.model.ResourceReader;
import io.selvage.model.SourceLocation;
import io.selvage.model.WorkloadView;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void aFileCutShortCountsOnlyAfterAMoment() {
    String first = policy("p", "DENY") + "---\n";
    read(A, first + policy("q", "DENY"));
    contents.snapshot();

    contents.read(A, first, FolderContentsTest::reader, T0);
    assertThat(contents.nextExpiry()).contains(T0.plus(FolderContents.EMPTIED));
    assertThat(policies(contents.snapshot())).hasSize(2);

    assertThat(contents.expire(T0.plus(FolderContents.EMPTIED))).isTrue();
    assertThat(policies(contents.snapshot())).extracting(p -> p.meta().name()).containsExactly("p");
    assertThat(contents.nextExpiry()).isEmpty();
  }

  @Test
  void aFileThatIsStillBeingWrittenTakesNothingAway() {
    String before = policy("p", "DENY") + "---\n" + policy("q", "DENY");
    read(A, before);
    contents.snapshot();
    contents.read(A, "", FolderContentsTest::reader, T0);
    contents.read(A, before.substring(0, 200), FolderContentsTest::reader, T0);
    assertThat(policies(contents.snapshot())).hasSize(2);

    read(A, before + "---\n" + policy("r", "DENY"));

    assertThat(contents.expire(T0.plusSeconds(9))).isFalse();
    assertThat(policies(contents.snapshot())).hasSize(3);
  }

  @Test
  void aFileCutShortAndThenDeletedIsGone() {
    read(A, policy("p", "DENY") + "---\n" + policy("q", "DENY"));
    contents.snapshot();
    contents.read(A, policy("p", "DENY"), FolderContentsTest::reader, T0);
    contents.vanished(A, T0);

    assertThat(contents.expire(T0.plusSeconds(9))).isTrue();
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
    assertThat(snapshot.problems()).extracting(Problem::code).contains(Unread.CODE);
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

  @Test
  void whatIsForTheWholeMeshDeniesInTheRootNamespaceThatIsInForce() {
    read(A, "kind: MeshConfig\nrootNamespace: mesh-root\n");
    read(B, "{{{");

    assertThat(contents.snapshot().authorizationPoliciesFor(new WorkloadView("any", Map.of())))
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "Sample", "[sample]", "sample, namespace: other"})
  void aPolicyWhoseNamespaceCannotBeToldDeniesTheWholeMesh(String namespace) {
    read(A, policy("p", "DENY").replace("namespace: sample", "namespace: " + namespace));

    assertThat(contents.snapshot().authorizationPoliciesFor(new WorkloadView("any", Map.of())))
        .hasSize(1);
  }

  @Test
  void mendingOneOfTwoDocumentsEndsItsDenialAlone() {
    String other = policy("q", "DENNY").replace("namespace: sample", "namespace: pay");
    read(A, policy("p", "DENNY") + "---\n" + other);
    contents.snapshot();
    read(A, policy("p", "DENY") + "---\n" + other);

    MeshSnapshot snapshot = contents.snapshot();

    assertThat(snapshot.authorizationPoliciesFor(new WorkloadView("sample", Map.of())))
        .extracting(p -> p.meta().name())
        .containsExactly("p");
    assertThat(snapshot.authorizationPoliciesFor(new WorkloadView("pay", Map.of())))
        .singleElement()
        .satisfies(denial -> assertThat(denial.ruleList()).isEmpty());
  }

  @Test
  void aBrokenFileThatIsRenamedStillDenies() {
    read(A, policy("p", "DENNY"));
    contents.snapshot();
    read(B, policy("p", "DENNY"));
    contents.vanished(A, T0);
    contents.expire(T0.plusSeconds(1));

    assertThat(contents.snapshot().authorizationPoliciesFor(new WorkloadView("sample", Map.of())))
        .hasSize(1);

    read(B, policy("p", "DENY"));
    assertThat(policies(contents.snapshot())).extracting(p -> p.meta().name()).containsExactly("p");
  }

  @ParameterizedTest
  @ValueSource(strings = {"DENNY", "{{{"})
  void aPolicyThatMovesToAnotherFileAndIsRefusedThereStaysAsItWas(String typo) {
    read(A, policy("p", "DENY"));
    contents.snapshot();
    read(B, policy("p", typo));
    contents.vanished(A, T0);
    assertThat(contents.expire(T0.plusSeconds(1))).isTrue();

    assertThat(policies(contents.snapshot())).extracting(p -> p.meta().name()).containsExactly("p");

    read(B, policy("q", "DENY"));
    assertThat(policies(contents.snapshot())).extracting(p -> p.meta().name()).containsExactly("q");
  }

  @Test
  void aDeletedFileIsDeletedThoughAnotherIsBroken() {
    read(A, policy("p", "DENY"));
    read(B, policy("q", "DENY"));
    contents.snapshot();
    read(B, policy("q", "DENNY"));
    contents.vanished(A, T0);
    contents.expire(T0.plusSeconds(1));

    assertThat(policies(contents.snapshot())).extracting(p -> p.meta().name()).containsExactly("q");
  }

  @Test
  void aFileThatComesBackUnreadableMeansWhatItMeantBefore() {
    read(A, policy("p", "DENY"));
    contents.snapshot();
    contents.vanished(A, T0);
    contents.unreadable(A, unreadable());
    contents.expire(T0.plusSeconds(1));

    MeshSnapshot snapshot = contents.snapshot();

    assertThat(policies(snapshot)).hasSize(1);
    assertThat(snapshot.problems()).containsExactly(unreadable());
  }

  @Test
  void aFileThatCannotBeReadAtTheStartDeniesTheWholeMesh() {
    contents.unreadable(A, unreadable());

    assertThat(contents.snapshot().authorizationPoliciesFor(new WorkloadView("any", Map.of())))
        .hasSize(1);
  }

  @Test
  void ofTwoFilesWithOneResourceTheFirstIsUsedAndTheSecondReported() {
    read(B, policy("p", "DENY"));
    read(A, policy("p", "AUDIT"));

    MeshSnapshot snapshot = contents.snapshot();

    assertThat(policies(snapshot))
        .extracting(AuthorizationPolicy::action)
        .containsExactly(AuthorizationPolicy.Action.AUDIT);
    assertThat(snapshot.problems())
        .singleElement()
        .satisfies(
            problem ->
                assertThat(problem.render())
                    .isEqualTo(
                        "mesh/b.yaml:1: metadata.name: AuthorizationPolicy sample/p is already at"
                            + " mesh/a.yaml:1, which is used; remove one of them"));
  }

  private static Problem unreadable() {
    return Problem.error(
        "SLV7213",
        new SourceLocation(A.toString(), 0, 0),
        "",
        "cannot be read: Input/output error");
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
