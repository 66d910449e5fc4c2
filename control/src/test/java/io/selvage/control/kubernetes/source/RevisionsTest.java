package io.selvage.control.kubernetes.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.Problem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RevisionsTest {
  private static Optional<Problem> elsewhere(Revisions revisions, String revision) {
    return revisions.elsewhere("Sidecar a/b", Map.of("istio.io/rev", revision));
  }

  @Test
  void withoutTheLabelItIsMeantForEveryControlPlane() {
    Revisions revisions = Revisions.of(List.of(), false);
    assertThat(revisions.elsewhere("Sidecar a/b", Map.of("app", "x"))).isEmpty();
  }

  @Test
  void itsNamesAreItsOwnItsTagsAndTheDefaultWhereNoIstioIsBeside() {
    Revisions beside = Revisions.of(List.of("blue"), false);
    assertThat(elsewhere(beside, "selvage")).isEmpty();
    assertThat(elsewhere(beside, "blue")).isEmpty();
    assertThat(elsewhere(beside, "default")).isPresent();
    assertThat(elsewhere(beside, "")).isPresent();
    assertThat(elsewhere(Revisions.of(List.of(), true), "default")).isEmpty();
  }

  @Test
  void anothersIsToldWithBothNames() {
    Problem told = elsewhere(Revisions.of(List.of("blue"), false), "1-24").orElseThrow();
    assertThat(told.isError()).isFalse();
    assertThat(told.code()).isEqualTo(Revisions.ELSEWHERE);
    assertThat(told.render()).contains("Sidecar a/b", "\"1-24\"", "where they are blue, selvage");
  }

  @Test
  void withoutNamesEveryResourceIsMeantForIt() {
    assertThat(elsewhere(Revisions.EVERY, "1-24")).isEmpty();
  }
}
