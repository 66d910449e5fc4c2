package io.selvage.prove;

import io.selvage.policy.Reading;
import io.selvage.prove.Verdict.Outcome;
import io.selvage.prove.Verdict.Violation;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Side;
import io.selvage.prove.encode.Space;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The question whether assertions hold. */
final class Checking {
  private final Question question;
  private final MeshSide side;

  /** What came of places: how many have requests of the region, and what is wrong with them. */
  private record Part(int places, List<Violation> violations, List<Inconclusive> inconclusive) {}

  Checking(Question question, Mesh mesh) {
    this.question = question;
    this.side = new MeshSide(mesh, question.options().promoteDryRun(), question.shapes());
  }

  Verdict verdict(Assertion assertion) {
    OneSide places = OneSide.of(side, assertion.region().to());
    List<Part> parts =
        Groups.each(
            question,
            places.groups().values(),
            group -> analysed(assertion, group),
            (group, reason) ->
                new Part(group.size(), List.of(), OneSide.inconclusive(group, reason)));
    List<Violation> violations = new ArrayList<>();
    List<Inconclusive> inconclusive = new ArrayList<>();
    int count = 0;
    for (Part part : parts) {
      count += part.places();
      violations.addAll(part.violations());
      inconclusive.addAll(part.inconclusive());
    }
    violations.sort(Comparator.comparing(Violation::place, Orders.PLACES));
    return new Verdict(
        assertion,
        outcome(assertion, count, violations, inconclusive),
        count,
        violations,
        inconclusive,
        Assumptions.of(question, side.mesh()));
  }

  private static Outcome outcome(
      Assertion assertion,
      int places,
      List<Violation> violations,
      List<Inconclusive> inconclusive) {
    if (!violations.isEmpty()) {
      return Outcome.VIOLATED;
    }
    if (!inconclusive.isEmpty()) {
      return Outcome.INCONCLUSIVE;
    }
    return places == 0 && !assertion.allowEmpty() ? Outcome.SELECTS_NOTHING : Outcome.PROVED;
  }

  private Part analysed(Assertion assertion, List<Place> all) {
    List<Place> group =
        assertion.kind() == Assertion.Kind.ALWAYS
            ? all.stream().filter(place -> !isNobodys(place)).toList()
            : all;
    if (group.isEmpty()) {
      return new Part(0, List.of(), List.of());
    }
    Meter meter = question.meter();
    meter.look();
    Place place = group.getFirst();
    side.refuseUnmodelled(place.workload());
    Enforced enforced = side.enforced(place.workload(), place);
    Side statements = enforced.side(question.meaning());
    boolean never = assertion.kind() == Assertion.Kind.NEVER;
    Regions regions = new Regions(side.mesh().snapshotOf(place.workload()).meshConfig(), place);
    Formula region =
        regions.of(assertion.region(), never ? Reading.WIDE : Reading.NARROW, question.meaning());
    List<Formula> except = new ArrayList<>();
    for (Region each : assertion.except()) {
      if (each.to().has(place.workload())
          && (each.to().ports().isEmpty() || each.to().ports().contains(place.number()))) {
        except.add(regions.of(each, never ? Reading.NARROW : Reading.WIDE, question.meaning()));
      }
    }
    Formula about = Formula.all(List.of(region, Formula.not(Formula.any(except))));
    Formula allowed =
        statements.allowed(statements.looksAtTokens() || Regions.looksAtTokens(about));
    Space space = question.space(place, List.of(about, allowed), List.of(enforced), meter);
    Diagrams diagrams = space.diagrams();
    int asked = space.encode(about);
    if (diagrams.and(space.encode(region), space.possible()) == Diagrams.NONE) {
      return new Part(0, List.of(), List.of());
    }
    int set =
        never
            ? diagrams.and(asked, space.encode(allowed))
            : diagrams.without(asked, space.encode(allowed));
    List<Violation> violations = violations(space, group, set, never);
    question.done(space);
    return new Part(group.size(), violations, List.of());
  }

  /** A port that no service declares, of a workload that has others: nobody is to reach it. */
  private static boolean isNobodys(Place place) {
    return place.other() && !place.workload().ports().isEmpty();
  }

  private List<Violation> violations(Space space, List<Place> group, int set, boolean allowed) {
    int possible = space.diagrams().and(set, space.possible());
    if (possible == Diagrams.NONE) {
      return List.of();
    }
    KnownCallers callers = new KnownCallers(space, question.principals());
    int most = question.options().rows();
    List<Row> rows = Rows.of(space, callers, set, most);
    List<Violation> violations = new ArrayList<>();
    for (Place place : group) {
      violations.add(
          new Violation(
              place,
              rows.subList(0, Math.min(most, rows.size())),
              rows.size() > most,
              Witnesses.of(
                  side, new Sampler(space, place, callers).cheapest(possible), place, allowed)));
    }
    return violations;
  }

  /** Why a region can't be taken; to be asked before it is checked. */
  static Optional<String> fault(Mesh mesh, Assertion assertion) {
    List<Region> all = new ArrayList<>(assertion.except());
    all.add(assertion.region());
    return mesh.clusters().values().stream()
        .flatMap(
            snapshot ->
                all.stream().flatMap(each -> Regions.fault(each, snapshot.meshConfig()).stream()))
        .findFirst();
  }
}
