package io.selvage.prove;

import io.selvage.prove.Change.Direction;
import io.selvage.prove.Sampler.Sample;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Side;
import io.selvage.prove.encode.Space;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The question what a change newly allows and denies. */
final class Diff {
  private final Question question;
  private final MeshSide base;
  private final MeshSide head;
  private final WorkloadSelection scope;

  /** A place with the workload as each side has it. */
  private record Pair(Place place, ProvedWorkload onBase, ProvedWorkload onHead) {}

  private record Keys(SideKey base, SideKey head) {}

  private record Outcome(List<Change> changes, List<Inconclusive> inconclusive) {}

  /** What is enforced on each side of the same port. */
  private record Two(Pair pair, Enforced base, Enforced head) {}

  Diff(Question question, Mesh base, Mesh head, WorkloadSelection scope) {
    this.question = question;
    this.base = new MeshSide(base, question.options().promoteDryRun(), question.shapes());
    this.head = new MeshSide(head, question.options().promoteDryRun(), question.shapes());
    this.scope = scope;
  }

  DiffReport report() {
    Map<String, ProvedWorkload> onBase = byName(base.mesh());
    Map<String, ProvedWorkload> onHead = byName(head.mesh());
    Set<String> names = new TreeSet<>(onBase.keySet());
    names.addAll(onHead.keySet());
    Map<Keys, List<Two>> groups = new LinkedHashMap<>();
    Set<Keys> all = new HashSet<>();
    int places = 0;
    for (String name : names) {
      ProvedWorkload inHead = onHead.getOrDefault(name, onBase.get(name));
      ProvedWorkload inBase = onBase.getOrDefault(name, inHead);
      if (inHead != null && inBase != null) {
        for (Pair pair : pairs(inBase, inHead)) {
          places++;
          Keys keys = new Keys(base.key(inBase, pair.place()), head.key(inHead, pair.place()));
          all.add(keys);
          if (!keys.base().equals(keys.head())) {
            groups.computeIfAbsent(keys, _ -> new ArrayList<>()).add(two(pair));
          }
        }
      }
    }
    List<Outcome> outcomes =
        Groups.each(
            question,
            groups.values(),
            this::analysed,
            (group, reason) ->
                new Outcome(
                    List.of(),
                    group.stream()
                        .map(two -> new Inconclusive(two.pair().place(), reason))
                        .toList()));
    List<Change> changes = new ArrayList<>();
    List<Inconclusive> inconclusive = new ArrayList<>();
    outcomes.forEach(
        outcome -> {
          changes.addAll(outcome.changes());
          inconclusive.addAll(outcome.inconclusive());
        });
    changes.sort(Orders.CHANGES);
    return new DiffReport(
        changes,
        onlyIn(onHead, onBase),
        onlyIn(onBase, onHead),
        inconclusive,
        Assumptions.of(question, base.mesh(), head.mesh()),
        new Effort(names.size(), places, all.size(), question.largestNodes()));
  }

  private Map<String, ProvedWorkload> byName(Mesh mesh) {
    Map<String, ProvedWorkload> byName = new LinkedHashMap<>();
    mesh.workloads().stream()
        .filter(scope::has)
        .forEach(workload -> byName.put(workload.qualifiedName(), workload));
    return byName;
  }

  private static List<ProvedWorkload> onlyIn(
      Map<String, ProvedWorkload> one, Map<String, ProvedWorkload> other) {
    return one.entrySet().stream()
        .filter(entry -> !other.containsKey(entry.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }

  private List<Pair> pairs(ProvedWorkload onBase, ProvedWorkload onHead) {
    Set<Integer> named = new TreeSet<>(base.namedPorts(onBase));
    named.addAll(head.namedPorts(onHead));
    return Places.of(onHead, onBase, named, scope.ports()).stream()
        .map(place -> new Pair(place, onBase, onHead))
        .toList();
  }

  private Two two(Pair pair) {
    return new Two(
        pair,
        base.enforced(pair.onBase(), pair.place()),
        head.enforced(pair.onHead(), pair.place()));
  }

  private Outcome analysed(List<Two> group) {
    Meter meter = question.meter();
    meter.look();
    Two first = group.getFirst();
    base.refuseUnmodelled(first.pair().onBase());
    head.refuseUnmodelled(first.pair().onHead());
    Side before = first.base().side(question.meaning());
    Side after = first.head().side(question.meaning());
    boolean tokens =
        before.looksAtTokens()
            || after.looksAtTokens()
            || !first.base().issuers().equals(first.head().issuers());
    Formula wasAllowed = before.allowed(tokens);
    Formula isAllowed = after.allowed(tokens);
    Place place = first.pair().place();
    Space space =
        question.space(
            place, List.of(wasAllowed, isAllowed), List.of(first.base(), first.head()), meter);
    Diagrams diagrams = space.diagrams();
    int was = space.encode(wasAllowed);
    int is = space.encode(isAllowed);
    List<Change> changes = new ArrayList<>();
    KnownCallers callers = new KnownCallers(space, question.principals());
    changes.addAll(changes(space, callers, group, Direction.ALLOWED, diagrams.without(is, was)));
    changes.addAll(changes(space, callers, group, Direction.DENIED, diagrams.without(was, is)));
    question.done(space);
    return new Outcome(changes, List.of());
  }

  private List<Change> changes(
      Space space, KnownCallers callers, List<Two> group, Direction direction, int set) {
    int possible = space.diagrams().and(set, space.possible());
    if (possible == Diagrams.NONE) {
      return List.of();
    }
    int most = question.options().rows();
    List<Row> rows = Rows.of(space, callers, set, most);
    List<Change> changes = new ArrayList<>();
    for (Two two : group) {
      changes.add(
          new Change(
              direction,
              two.pair().place(),
              rows.subList(0, Math.min(most, rows.size())),
              rows.size() > most,
              witness(
                  two,
                  new Sampler(space, two.pair().place(), callers).cheapest(possible),
                  direction)));
    }
    return changes;
  }

  private static Witness witness(Two two, Sample sample, Direction direction) {
    Traced before = Replay.trace(two.base(), sample.request(), sample.agreement());
    Traced after = Replay.trace(two.head(), sample.request(), sample.agreement());
    boolean allowed = direction == Direction.ALLOWED;
    if (before.allowed() == allowed || after.allowed() != allowed) {
      throw new ReplayMismatch(
          "%s at %s should be %s: before %s, after %s, on %s"
              .formatted(
                  "a change", two.pair().place(), direction, before, after, sample.request()));
    }
    return new Witness(sample.request(), sample.agreement(), Optional.of(before), after);
  }
}
