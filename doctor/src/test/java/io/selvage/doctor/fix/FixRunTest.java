package io.selvage.doctor.fix;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Confidence;
import io.selvage.doctor.Fix;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ApiObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fixes: planned, agreed to, noted, done, looked at again, undone. */
final class FixRunTest {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final String OPEN =
      """
      {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
       "metadata": {"name": "default", "namespace": "pay", "resourceVersion": "7"},
       "spec": {"mtls": {"mode": "PERMISSIVE"}}}
      """;
  private static final String EMPTY =
      """
      {"apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
       "metadata": {"name": "nobody", "namespace": "pay", "resourceVersion": "7", "uid": "u"},
       "spec": {}}
      """;

  @TempDir private Path folder;

  private static Result result(String code, Fix fix) {
    return new Result(
        code,
        Status.FAIL,
        Optional.of("east"),
        "broken",
        List.of(),
        List.of(),
        Confidence.PROVED_BY_CONFIGURATION,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(fix),
        false);
  }

  private static FixPlan plan(FakeHand hand, Fix fix) {
    return FixPlan.of(hand, result("SLV2001", fix), FixClass.CONSENTED).orElseThrow();
  }

  private static Fix strict() {
    return Mends.strict(new ApiObject(FakeHand.json(OPEN)));
  }

  private FixJournal journal() {
    return new FixJournal(folder.resolve("fixes"));
  }

  private static FixRun run(FixJournal.Open open, FixRun.Recheck recheck) {
    return new FixRun(open, recheck, _ -> {}, _ -> {});
  }

  private static final Consent YES = new Consent(Set.of("SLV2001"));

  @Test
  void aPlanShowsWhatWouldChangeAndChangesNothing() {
    FakeHand hand = new FakeHand().with(OPEN);
    FixPlan plan = plan(hand, strict());
    assertThat(plan.diff())
        .containsExactly("- /spec/mtls/mode: \"PERMISSIVE\"", "+ /spec/mtls/mode: \"STRICT\"");
    assertThat(plan.refusal()).isEmpty();
    assertThat(hand.done).isEmpty();
  }

  @Test
  void whatAltersSecurityIsNotDoneByABareFix() throws Exception {
    FakeHand hand = new FakeHand().with(OPEN);
    var outcome =
        run(journal().open(NOW), _ -> Optional.empty())
            .carryOut(plan(hand, strict()), hand, Consent.SAFE_ONLY);
    assertThat(outcome.state()).isEqualTo(FixRun.State.NOT_DONE);
    assertThat(outcome.words()).contains("--fix=SLV2001");
    assertThat(hand.done).isEmpty();
    assertThat(journal().names()).isEmpty();
  }

  @Test
  void aCheckThatCallsItselfSafeDoesNotMakeAPolicysChangeSafe() {
    var plan =
        FixPlan.of(new FakeHand().with(OPEN), result("SLV2001", strict()), FixClass.SAFE)
            .orElseThrow();
    assertThat(plan.needs()).isEqualTo(FixClass.CONSENTED);
  }

  @Test
  void whatIsDoneIsLookedAtAgainAndCanBeUndone() throws Exception {
    FakeHand hand = new FakeHand().with(OPEN);
    var open = journal().open(NOW);
    var outcome = run(open, _ -> Optional.empty()).carryOut(plan(hand, strict()), hand, YES);
    assertThat(outcome.state()).isEqualTo(FixRun.State.HEALED);
    assertThat(hand.object("PeerAuthentication", "pay", "default").at("/spec/mtls/mode").asString())
        .isEqualTo("STRICT");
    assertThat(journal().names()).containsExactly(open.name());
    assertThat(Files.getPosixFilePermissions(folder.resolve("fixes/" + open.name() + ".json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));

    var undone = new Undo(journal()).run(open.name(), _ -> hand).orElseThrow();
    assertThat(undone).allMatch(Undo.Outcome::undone);
    assertThat(hand.object("PeerAuthentication", "pay", "default")).isEqualTo(FakeHand.json(OPEN));
    assertThat(journal().names()).as("a run that was undone is forgotten").isEmpty();
  }

  @Test
  void whatSomebodyChangedSinceIsNotUndone() throws Exception {
    FakeHand hand = new FakeHand().with(OPEN);
    var open = journal().open(NOW);
    run(open, _ -> Optional.empty()).carryOut(plan(hand, strict()), hand, YES);
    hand.with(OPEN.replace("PERMISSIVE", "DISABLE"));
    var undone = new Undo(journal()).run(open.name(), _ -> hand).orElseThrow();
    assertThat(undone).noneMatch(Undo.Outcome::undone);
    assertThat(undone.getFirst().words()).contains("changed since");
    assertThat(journal().names()).containsExactly(open.name());
  }

  @Test
  void aDeletedPolicyComesBackAsItWas() throws Exception {
    FakeHand hand = new FakeHand().with(EMPTY);
    var open = journal().open(NOW);
    Fix delete = Mends.emptyPolicy(new ApiObject(FakeHand.json(EMPTY)));
    assertThat(run(open, _ -> Optional.empty()).carryOut(plan(hand, delete), hand, YES).state())
        .isEqualTo(FixRun.State.HEALED);
    assertThat(hand.objects).isEmpty();
    new Undo(journal()).run(open.name(), _ -> hand);
    assertThat(hand.object("AuthorizationPolicy", "pay", "nobody").at("/metadata/uid").asString(""))
        .as("what the API server gives is not asked for again")
        .isEmpty();
  }

  @Test
  void whatAFixMadeGoesWhenItIsUndone() throws Exception {
    FakeHand hand = new FakeHand();
    var open = journal().open(NOW);
    run(open, _ -> Optional.empty()).carryOut(plan(hand, Mends.strict("pay")), hand, YES);
    assertThat(hand.objects).hasSize(1);
    new Undo(journal()).run(open.name(), _ -> hand);
    assertThat(hand.objects).isEmpty();
  }

  @Test
  void whatIsStillWrongIsSaid() throws Exception {
    FakeHand hand = new FakeHand().with(OPEN);
    var outcome =
        run(journal().open(NOW), _ -> Optional.of("still open"))
            .carryOut(plan(hand, strict()), hand, YES);
    assertThat(outcome.state()).isEqualTo(FixRun.State.NOT_HEALED);
    assertThat(outcome.words()).isEqualTo("still open");
  }

  @Test
  void whatAnotherWriterTakesBackIsNotHealed() throws Exception {
    FakeHand hand = new FakeHand().with(OPEN);
    var looks = List.of(Optional.of("open"), Optional.<String>empty(), Optional.of("open"));
    var next = looks.iterator();
    var outcome =
        run(journal().open(NOW), _ -> next.next()).carryOut(plan(hand, strict()), hand, YES);
    assertThat(outcome.state()).isEqualTo(FixRun.State.NOT_HEALED);
    assertThat(outcome.words()).contains("wrong again: open");
  }

  @Test
  void whatTheApiServerRefusesIsNotNotedAndWhatItDidNotAnswerIs() throws Exception {
    FakeHand hand = new FakeHand().with(OPEN);
    FixPlan plan = plan(hand, strict());
    hand.fails = Optional.of(FixFailed.refused("no", new IllegalStateException()));
    var refused = journal().open(NOW);
    assertThat(run(refused, _ -> Optional.empty()).carryOut(plan, hand, YES).state())
        .isEqualTo(FixRun.State.FAILED);
    assertThat(journal().names()).isEmpty();
    hand.fails = Optional.of(FixFailed.unanswered("away", new IllegalStateException()));
    var unanswered = journal().open(NOW);
    assertThat(run(unanswered, _ -> Optional.empty()).carryOut(plan, hand, YES).state())
        .isEqualTo(FixRun.State.FAILED);
    assertThat(journal().names()).containsExactly(unanswered.name());
  }

  @Test
  void noNameLeadsOutOfTheJournalsFolder() throws Exception {
    assertThat(journal().read("../../etc/passwd")).isEmpty();
    assertThat(journal().read("20261126-120000")).isEmpty();
  }
}
