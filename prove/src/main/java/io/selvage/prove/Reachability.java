package io.selvage.prove;

import io.selvage.prove.ReachReport.Reach;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Side;
import io.selvage.prove.encode.Space;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The question who can talk to whom. */
final class Reachability {
  private final Question question;
  private final MeshSide side;
  private final SourceSelection from;
  private final WorkloadSelection to;

  private record Outcome(List<Reach> reaches, List<Inconclusive> inconclusive) {}

  Reachability(Question question, Mesh mesh, SourceSelection from, WorkloadSelection to) {
    this.question = question;
    this.side = new MeshSide(mesh, question.options().promoteDryRun(), question.shapes());
    this.from = from;
    this.to = to;
  }

  ReachReport report() {
    OneSide places = OneSide.of(side, to);
    List<Outcome> outcomes =
        Groups.each(
            question,
            places.groups().values(),
            this::analysed,
            (group, reason) -> new Outcome(List.of(), OneSide.inconclusive(group, reason)));
    List<Reach> reaches = new ArrayList<>();
    List<Inconclusive> inconclusive = new ArrayList<>();
    outcomes.forEach(
        outcome -> {
          reaches.addAll(outcome.reaches());
          inconclusive.addAll(outcome.inconclusive());
        });
    reaches.sort(Comparator.comparing(Reach::place, Orders.PLACES));
    return new ReachReport(
        reaches,
        inconclusive,
        Assumptions.of(question, side.mesh()),
        places.effort(question.largestNodes()));
  }

  private Outcome analysed(List<Place> group) {
    Meter meter = question.meter();
    meter.look();
    Place place = group.getFirst();
    side.refuseUnmodelled(place.workload());
    Enforced enforced = side.enforced(place.workload(), place);
    Side statements = enforced.side(question.meaning());
    Formula allowed =
        Formula.all(List.of(statements.allowed(statements.looksAtTokens()), Sources.are(from)));
    Space space = question.space(place, List.of(allowed), List.of(enforced), meter);
    int set = space.encode(allowed);
    int possible = space.diagrams().and(set, space.possible());
    KnownCallers callers = new KnownCallers(space, question.principals());
    int most = question.options().rows();
    List<Row> rows = possible == Diagrams.NONE ? List.of() : Rows.of(space, callers, set, most);
    List<Reach> reaches = new ArrayList<>();
    for (Place each : group) {
      reaches.add(
          new Reach(
              each,
              rows.subList(0, Math.min(most, rows.size())),
              rows.size() > most,
              possible == Diagrams.NONE
                  ? Optional.empty()
                  : Optional.of(
                      Witnesses.of(
                          side,
                          new Sampler(space, each, callers).cheapest(possible),
                          each,
                          true))));
    }
    question.done(space);
    return new Outcome(reaches, List.of());
  }
}
