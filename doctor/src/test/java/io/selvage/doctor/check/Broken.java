package io.selvage.doctor.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Finding;
import io.selvage.doctor.Fixture;
import io.selvage.doctor.Fixtures;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.Evidence;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * One way to break a healthy mesh, and the code that is found then: it, and what comes of it, and
 * nothing else.
 *
 * @param name a sentence
 * @param status how bad it is
 * @param says part of the summary
 */
record Broken(String name, String code, Status status, String says, Consumer<Fixture> breaks) {
  private static final Map<String, Supplier<Fixture>> MESHES =
      Map.of("Istio", Fixtures::istio, "Selvage", Fixtures::selvage);

  /** Told beside each UNKNOWN that comes of a missing right. */
  private static final String MISSING_RIGHTS = "SLV0002";

  static Broken fails(String name, String code, String says, Consumer<Fixture> breaks) {
    return new Broken(name, code, Status.FAIL, says, breaks);
  }

  static Broken warns(String name, String code, String says, Consumer<Fixture> breaks) {
    return new Broken(name, code, Status.WARN, says, breaks);
  }

  static Broken unknown(String name, String code, String says, Consumer<Fixture> breaks) {
    return new Broken(name, code, Status.UNKNOWN, says, breaks);
  }

  static Broken passes(String name, String code, String says, Consumer<Fixture> breaks) {
    return new Broken(name, code, Status.PASS, says, breaks);
  }

  static Broken skips(String name, String code, String says, Consumer<Fixture> breaks) {
    return new Broken(name, code, Status.SKIP, says, breaks);
  }

  /** Each on both meshes. */
  static Stream<DynamicTest> onBoth(Broken... all) {
    return Arrays.stream(all)
        .flatMap(
            one ->
                MESHES.entrySet().stream()
                    .map(
                        mesh ->
                            dynamicTest(
                                mesh.getKey() + ": " + one.name(),
                                () -> one.check(mesh.getValue().get()))));
  }

  /** Each on Istio, for what Selvage has not. */
  static Stream<DynamicTest> onIstio(Broken... all) {
    return Arrays.stream(all)
        .map(
            one ->
                dynamicTest(
                    one.code() + ": " + one.name(), () -> one.check(Fixtures.istio())));
  }

  private void check(Fixture fixture) {
    breaks.accept(fixture);
    check(fixture.evidence());
  }

  /** The whole catalogue finds this, and on its own account nothing else. */
  void check(Evidence evidence) {
    Diagnosis diagnosis = Fixtures.diagnosis(evidence);
    List<Result> said =
        diagnosis.results().stream().filter(result -> result.code().equals(code)).toList();
    assertThat(said)
        .as(() -> "results of " + code + " in " + diagnosis.results())
        .anySatisfy(
            result -> {
              assertThat(result.status()).isEqualTo(status);
              assertThat(result.summary()).contains(says);
            });
    List<String> open =
        diagnosis.findings().stream()
            .filter(Finding::isOpen)
            .map(finding -> finding.result().code())
            .filter(other -> status != Status.UNKNOWN || !other.equals(MISSING_RIGHTS))
            .distinct()
            .toList();
    boolean finding = status == Status.FAIL || status == Status.WARN;
    assertThat(open)
        .as(() -> "findings on their own account: " + diagnosis.results())
        .isEqualTo(finding ? List.of(code) : List.of());
    if (finding) {
      assertThat(said)
          .filteredOn(result -> result.status() == status)
          .allSatisfy(
              result -> {
                assertThat(result.effect()).isPresent();
                assertThat(result.next()).isPresent();
              });
    }
  }
}
