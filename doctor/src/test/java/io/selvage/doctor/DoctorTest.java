package io.selvage.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.doctor.evidence.Look;
import java.time.Duration;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class DoctorTest {
  private final Fixture east = Fixtures.istio();

  @Test
  void aCheckThatBreaksIsUnknownAndNamesWhatBroke() {
    var diagnosis =
        new Doctor(
                List.of(
                    check("SLV1001", (_, _) -> List.of().getFirst()),
                    check("SLV1002", (_, out) -> out.pass("fine"))))
            .examine(east.evidence());
    assertThat(diagnosis.results())
        .extracting(Result::status)
        .containsExactly(Status.UNKNOWN, Status.PASS);
    assertThat(diagnosis.results().getFirst().summary())
        .contains("a mistake of ours", "NoSuchElementException");
    assertThat(diagnosis.exitCode(Diagnosis.FailOn.ERROR, false)).isZero();
    assertThat(diagnosis.exitCode(Diagnosis.FailOn.ERROR, true)).isEqualTo(3);
  }

  @Test
  void aCheckThatSaysNothingIsUnknown() {
    assertThat(said(check("SLV1001", (_, _) -> {})))
        .singleElement()
        .satisfies(result -> assertThat(result.status()).isEqualTo(Status.UNKNOWN));
  }

  @Test
  void aCheckThatThinksForEverIsUnknown() {
    var never = new CountDownLatch(1);
    var checks =
        List.<Check>of(
            check(
                "SLV1001",
                (_, out) -> {
                  try {
                    never.await();
                  } catch (InterruptedException _) {
                    out.pass("too late");
                  }
                }));
    var diagnosis =
        new Doctor(checks, Ignored.NOTHING, Duration.ofMillis(20)).examine(east.evidence());
    assertThat(diagnosis.count(Status.UNKNOWN)).isEqualTo(1);
    assertThat(diagnosis.results().getFirst().summary()).contains("took longer");
  }

  @Test
  void aFindingIsFoldedUnderWhatExplainsIt() {
    var diagnosis =
        new Doctor(
                List.of(
                    failing("SLV4011", "Pod", "web"),
                    failing("SLV7001", "Pod", "web"),
                    failing("SLV2005", "Pod", "sleep"),
                    failing("SLV0005", "Deployment", "istiod")))
            .examine(east.evidence());
    assertThat(diagnosis.findings())
        .extracting(finding -> finding.result().code())
        .containsExactly("SLV2005", "SLV0005");
    assertThat(diagnosis.open()).containsExactly("SLV0005", "SLV2005", "SLV4011", "SLV7001");
    var cause = diagnosis.findings().getLast();
    assertThat(cause.explains().getFirst().result().code()).isEqualTo("SLV7001");
    assertThat(cause.explains().getFirst().explains().getFirst().result().code())
        .isEqualTo("SLV4011");
    assertThat(diagnosis.count(Status.FAIL)).isEqualTo(4);
  }

  @Test
  void aFindingOfAnotherClusterExplainsNothing() {
    var only = new HashSet<>(Set.of("east"));
    Check cause =
        check(
            "SLV7001",
            (cluster, out) -> {
              if (only.contains(cluster.context())) {
                out.fail("stale");
              } else {
                out.pass("fine");
              }
            });
    var west = Fixtures.istio("west", east.authority);
    var diagnosis =
        new Doctor(List.of(cause, failing("SLV4011", "Pod", "web")))
            .examine(Fixtures.evidence(east, west));
    assertThat(diagnosis.findings())
        .extracting(finding -> finding.result().code() + finding.result().context().orElse(""))
        .containsExactly("SLV7001east", "SLV7001west", "SLV4011west");
  }

  @Test
  void causesHaveNoCircles() {
    Causes.table().keySet().forEach(code -> above(code, Set.of()));
  }

  private static void above(String code, Set<String> path) {
    assertThat(path).doesNotContain(code);
    var longer = new HashSet<>(path);
    longer.add(code);
    Causes.table().getOrDefault(code, List.of()).forEach(cause -> above(cause, longer));
  }

  @Test
  void whatIsIgnoredIsCountedApartUntilItsDayIsOver() {
    var checks = List.<Check>of(failing("SLV2003", "Pod", "web"));
    assertThat(ignoring(checks, LocalDate.of(2026, 11, 26)).exitCode(Diagnosis.FailOn.ERROR, true))
        .isZero();
    assertThat(ignoring(checks, LocalDate.of(2026, 11, 26)).ignored()).isEqualTo(1);
    var expired = ignoring(checks, LocalDate.of(2026, 11, 25));
    assertThat(expired.expired()).hasSize(1);
    assertThat(expired.exitCode(Diagnosis.FailOn.ERROR, false)).isEqualTo(1);
  }

  private Diagnosis ignoring(List<Check> checks, LocalDate until) {
    var entry =
        new Ignored.Entry(
            "SLV2003",
            Optional.of("east"),
            Optional.of("Pod pay/web"),
            "known",
            until,
            "ignore.yaml:1");
    return new Doctor(checks, new Ignored(List.of(entry))).examine(east.evidence());
  }

  @Test
  void noClusterReachedIsNoAccessAndAWarningFailsOnlyWhenAsked() {
    var warning = List.<Check>of(check("SLV2003", (_, out) -> out.warn("look")));
    var diagnosis = new Doctor(warning).examine(east.evidence());
    assertThat(diagnosis.exitCode(Diagnosis.FailOn.ERROR, true)).isZero();
    assertThat(diagnosis.exitCode(Diagnosis.FailOn.WARNING, false)).isEqualTo(1);
    assertThat(diagnosis.exitCode(Diagnosis.FailOn.NEVER, false)).isZero();
    east.reached = Look.unseen("refused");
    assertThat(
            new Doctor(warning).examine(east.evidence()).exitCode(Diagnosis.FailOn.WARNING, false))
        .isEqualTo(4);
  }

  @Test
  void checksAreChosenByCodeAndRange() {
    List<Check> checks =
        List.of(
            check("SLV1001", (_, _) -> {}),
            check("SLV2001", (_, _) -> {}),
            check("SLV2002", (_, _) -> {}));
    assertThat(codes(new Selection(List.of("slv2*"), List.of("2002")), checks))
        .containsExactly("SLV2001");
    assertThat(codes(Selection.ALL, checks)).hasSize(3);
    assertThatThrownBy(() -> new Selection(List.of("SLV3*"), List.of()).of(checks))
        .hasMessageContaining("no check has the code SLV3*");
    assertThatThrownBy(() -> new Selection(List.of("injection"), List.of()))
        .hasMessageContaining("is no code");
  }

  private static List<String> codes(Selection selection, List<Check> checks) {
    return selection.of(checks).stream().map(check -> check.info().code()).toList();
  }

  private List<Result> said(Check check) {
    return new Doctor(List.of(check)).examine(east.evidence()).results();
  }

  private static Check check(String code, Check.ClusterQuestion question) {
    return new Check.OfCluster(
        CheckInfo.of(code, "all is well", Set.of(Source.OBJECTS), FixClass.EXPLAINED), question);
  }

  private static Check failing(String code, String kind, String name) {
    return check(code, (_, out) -> out.fail("broken").about(new ObjectRef(kind, "pay", name)));
  }
}
