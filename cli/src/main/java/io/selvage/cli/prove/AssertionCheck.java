package io.selvage.cli.prove;

import io.selvage.model.PolicyAssertions;
import io.selvage.model.PolicyAssertions.Always;
import io.selvage.model.PolicyAssertions.Assumptions;
import io.selvage.model.PolicyAssertions.Equivalent;
import io.selvage.model.PolicyAssertions.Never;
import io.selvage.model.PolicyAssertions.Pattern;
import io.selvage.model.PolicyAssertions.Scope;
import io.selvage.prove.Assertion;
import io.selvage.prove.DiffReport;
import io.selvage.prove.Mesh;
import io.selvage.prove.Options;
import io.selvage.prove.Prover;
import io.selvage.prove.Region;
import io.selvage.prove.Verdict;
import io.selvage.prove.WorkloadSelection;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/** Asks the prover whether a user's demands hold of a mesh. */
public final class AssertionCheck {
  private final Mesh mesh;
  private final Function<Assumptions, Options> options;
  private final Function<String, SideSource> sides;
  private final LocalDate today;

  /**
   * Prepares.
   *
   * @param options what proofs under these assumptions take for granted
   * @param sides opens the sides of {@code equivalent}
   */
  public AssertionCheck(
      Mesh mesh,
      Function<Assumptions, Options> options,
      Function<String, SideSource> sides,
      LocalDate today) {
    this.mesh = mesh;
    this.options = options;
    this.sides = sides;
    this.today = today;
  }

  /** One outcome for each demand, in the order written. */
  public List<CheckedAssertion> check(List<PolicyAssertions> documents) {
    List<CheckedAssertion> checked = new ArrayList<>();
    for (PolicyAssertions document : documents) {
      Prover prover = new Prover(options.apply(document.assume()));
      for (PolicyAssertions.Assertion assertion : document.assertions()) {
        checked.add(expired(one(prover, assertion)));
      }
    }
    return checked;
  }

  private CheckedAssertion one(Prover prover, PolicyAssertions.Assertion assertion) {
    return switch (assertion.claim()) {
      case Never never -> proved(prover, assertion, Assertion.Kind.NEVER, never.requests());
      case Always always -> proved(prover, assertion, Assertion.Kind.ALWAYS, always.requests());
      case Equivalent equivalent -> compared(prover, assertion, equivalent);
    };
  }

  private CheckedAssertion proved(
      Prover prover, PolicyAssertions.Assertion assertion, Assertion.Kind kind, Pattern requests) {
    Verdict verdict =
        prover
            .check(
                mesh,
                List.of(
                    new Assertion(
                        assertion.id(),
                        assertion.why(),
                        kind,
                        region(requests),
                        assertion.except().stream().map(AssertionCheck::region).toList(),
                        assertion.allowEmpty(),
                        assertion.at())))
            .getFirst();
    CheckedAssertion.Status status =
        switch (verdict.outcome()) {
          case PROVED -> CheckedAssertion.Status.HOLDS;
          case VIOLATED -> CheckedAssertion.Status.BROKEN;
          case SELECTS_NOTHING -> CheckedAssertion.Status.SELECTS_NOTHING;
          case INCONCLUSIVE -> CheckedAssertion.Status.INCONCLUSIVE;
        };
    return new CheckedAssertion(
        assertion,
        status,
        mesh,
        mesh,
        verdict.places(),
        verdict.violations(),
        List.of(),
        verdict.inconclusive(),
        verdict.assumes());
  }

  private CheckedAssertion compared(
      Prover prover, PolicyAssertions.Assertion assertion, Equivalent equivalent) {
    Mesh base = Side.read(sides.apply(place(assertion, equivalent.base()))).mesh();
    Mesh head = Side.read(sides.apply(place(assertion, equivalent.head()))).mesh();
    WorkloadSelection scope = selection(equivalent.scope(), Set.of());
    DiffReport report = prover.diff(base, head, scope);
    boolean nothing =
        base.workloads().stream().noneMatch(scope::has)
            && head.workloads().stream().noneMatch(scope::has)
            && !assertion.allowEmpty();
    CheckedAssertion.Status status =
        !report.changes().isEmpty()
            ? CheckedAssertion.Status.BROKEN
            : !report.inconclusive().isEmpty()
                ? CheckedAssertion.Status.INCONCLUSIVE
                : nothing ? CheckedAssertion.Status.SELECTS_NOTHING : CheckedAssertion.Status.HOLDS;
    return new CheckedAssertion(
        assertion,
        status,
        base,
        head,
        report.effort().places(),
        List.of(),
        report.changes(),
        report.inconclusive(),
        report.assumes());
  }

  /** A relative folder starts where the assertions are written. */
  private static String place(PolicyAssertions.Assertion assertion, String side) {
    if (SideSpec.isGit(side) || Path.of(side).isAbsolute()) {
      return side;
    }
    Path file = Path.of(assertion.at().source());
    return Objects.requireNonNullElse(file.getParent(), Path.of("")).resolve(side).toString();
  }

  private CheckedAssertion expired(CheckedAssertion checked) {
    boolean over = checked.assertion().expires().map(day -> today.isAfter(day)).orElse(false);
    return over && checked.status() == CheckedAssertion.Status.HOLDS
        ? checked.as(CheckedAssertion.Status.EXPIRED)
        : checked;
  }

  private static Region region(Pattern pattern) {
    return new Region(
        pattern.rule().from(),
        selection(pattern.to(), pattern.ports()),
        pattern.rule().to(),
        pattern.rule().when());
  }

  private static WorkloadSelection selection(Scope scope, Set<Integer> ports) {
    return new WorkloadSelection(
        scope.targets().stream()
            .map(
                target ->
                    new WorkloadSelection.Term(
                        target.cluster().map(Set::of).orElse(Set.of()),
                        target.namespace().map(Set::of).orElse(Set.of()),
                        target.name().map(Set::of).orElse(Set.of()),
                        target.labels().matchLabels()))
            .toList(),
        ports);
  }
}
