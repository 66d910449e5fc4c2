package io.selvage.prove;

import io.selvage.model.PortProtocol;
import io.selvage.policy.IstioTranslation.Protocol;
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
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The question whether assertions hold. */
final class Checking {
  private static final String DENIED_AS_BYTES =
      "a gateway's servers, and the services behind a waypoint, say whether a port takes requests or"
          + " bytes, and are not read: as bytes, without what rules say of requests, it is not"
          + " allowed";

  private final Question question;
  private final MeshSide side;

  /** What came of places: how many have requests of the region, and what is wrong with them. */
  private record Part(int places, List<Violation> violations, List<Inconclusive> inconclusive) {}

  /** What the proxy of a place sees of a request that is sent there. */
  private enum Sees {
    /** The request; or, where callers speak anything else, that it is none. */
    REQUESTS,
    /** Nothing: the port is declared as one of bytes, and a request is some of them. */
    BYTES,
    /** The request or nothing, and which isn't known. */
    EITHER
  }

  /**
   * What an assertion says of a place.
   *
   * @param region the requests it is about
   * @param about those without the exceptions
   */
  private record Asked(Formula region, Formula about) {}

  Checking(Question question, Mesh mesh) {
    this.question = question;
    this.side = new MeshSide(mesh, question.options().promoteDryRun(), question.shapes());
  }

  Verdict verdict(Assertion assertion) {
    OneSide places = OneSide.of(side, assertion.region().to());
    List<Part> parts =
        Groups.each(
            question,
            places.groups().values().stream().flatMap(Checking::alike).toList(),
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

  /** What decides is the same at all of a group; what is seen of requests may differ. */
  private static Stream<List<Place>> alike(List<Place> group) {
    Map<Sees, List<Place>> bySight = new EnumMap<>(Sees.class);
    group.forEach(place -> bySight.computeIfAbsent(sees(place), _ -> new ArrayList<>()).add(place));
    return bySight.values().stream();
  }

  private static Sees sees(Place place) {
    if (place.protocol() == Protocol.HTTP) {
      return Sees.REQUESTS;
    }
    if (!place.workload().declaresProtocols()) {
      return Sees.EITHER;
    }
    return MeshSide.protocols(place.workload(), place.number()).contains(Protocol.HTTP)
        ? Sees.REQUESTS
        : Sees.BYTES;
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
    boolean never = assertion.kind() == Assertion.Kind.NEVER;
    List<Place> group = never ? all : all.stream().filter(place -> !isNobodys(place)).toList();
    if (group.isEmpty()) {
      return new Part(0, List.of(), List.of());
    }
    Meter meter = question.meter();
    meter.look();
    Place place = group.getFirst();
    Sees sees = sees(place);
    side.refuseUnmodelled(place.workload());
    Enforced enforced = side.enforced(place.workload(), place);
    Side statements = enforced.side(question.meaning());
    Asked plain = asked(assertion, place, false);
    // Who may connect where nothing is seen may send each request where all are: once is enough.
    Asked asked =
        sees == Sees.BYTES || (sees == Sees.EITHER && !never)
            ? asked(assertion, place, true)
            : plain;
    boolean carries = !asked.equals(plain);
    if (carries) {
      Optional<Part> none = withoutRequests(assertion, group, enforced, meter);
      if (none.isPresent()) {
        return none.get();
      }
    }
    Formula allowed =
        statements.allowed(statements.looksAtTokens() || Regions.looksAtTokens(asked.about()));
    Space space =
        question.space(
            place, List.of(asked.region(), asked.about(), allowed), List.of(enforced), meter);
    Diagrams diagrams = space.diagrams();
    int about = space.encode(asked.about());
    if (diagrams.and(space.encode(asked.region()), space.possible()) == Diagrams.NONE) {
      return new Part(0, List.of(), List.of());
    }
    int set =
        never
            ? diagrams.and(about, space.encode(allowed))
            : diagrams.without(about, space.encode(allowed));
    question.done(space);
    if (sees == Sees.EITHER && !never) {
      boolean holds = diagrams.and(set, space.possible()) == Diagrams.NONE;
      return new Part(
          group.size(),
          List.of(),
          holds ? List.of() : OneSide.inconclusive(group, DENIED_AS_BYTES));
    }
    return new Part(group.size(), violations(space, group, set, never, carries), List.of());
  }

  /**
   * The assertion at a place.
   *
   * @param carried that of a connection's bytes: each that may be a request of the region counts
   */
  private Asked asked(Assertion assertion, Place place, boolean carried) {
    boolean never = assertion.kind() == Assertion.Kind.NEVER;
    Regions regions = new Regions(side.mesh().snapshotOf(place.workload()).meshConfig(), place);
    Reading reading = never ? Reading.WIDE : Reading.NARROW;
    Formula region =
        carried
            ? regions.carrying(assertion.region(), reading, question.meaning())
            : regions.of(assertion.region(), reading, question.meaning());
    List<Formula> except = new ArrayList<>();
    for (Region each : assertion.except()) {
      if (each.to().has(place.workload())
          && (each.to().ports().isEmpty() || each.to().ports().contains(place.number()))) {
        except.add(regions.of(each, reading.flipped(), question.meaning()));
      }
    }
    return new Asked(region, Formula.all(List.of(region, Formula.not(Formula.any(except)))));
  }

  /** What comes of a group of connections when there is no request that they could carry. */
  private Optional<Part> withoutRequests(
      Assertion assertion, List<Place> group, Enforced enforced, Meter meter) {
    Place bytes = group.getFirst();
    Place place =
        new Place(bytes.workload(), bytes.port(), bytes.number(), bytes.other(), Protocol.HTTP);
    Asked asked = asked(assertion, place, false);
    if (Regions.looksAtTokens(asked.about())) {
      return Optional.empty(); // a token that nobody looks at may be any
    }
    Space space =
        question.spaceOfBytes(
            place, List.of(asked.region(), asked.about()), List.of(enforced), meter);
    Diagrams diagrams = space.diagrams();
    if (diagrams.and(space.encode(asked.region()), space.possible()) == Diagrams.NONE) {
      return Optional.of(new Part(0, List.of(), List.of()));
    }
    return diagrams.and(space.encode(asked.about()), space.possible()) == Diagrams.NONE
        ? Optional.of(new Part(group.size(), List.of(), List.of()))
        : Optional.empty();
  }

  /** A port that no service declares, of a workload that has others: nobody is to reach it. */
  private static boolean isNobodys(Place place) {
    return place.other() && !place.workload().ports().isEmpty();
  }

  /**
   * Where it doesn't hold.
   *
   * @param carries whether the demand is about requests, and these are connections
   */
  private List<Violation> violations(
      Space space, List<Place> group, int set, boolean allowed, boolean carries) {
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
                  side, new Sampler(space, place, callers).cheapest(possible), place, allowed),
              carries ? Optional.of(asBytes(place)) : Optional.empty()));
    }
    return violations;
  }

  private static String asBytes(Place place) {
    return ("port %d is declared %s, so its proxy sees bytes and no requests: what rules say of "
            + "methods, paths, hosts, headers and tokens doesn't count there, and each request goes "
            + "the way of its connection")
        .formatted(place.number(), place.port().map(Port::protocol).orElse(PortProtocol.TCP));
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
