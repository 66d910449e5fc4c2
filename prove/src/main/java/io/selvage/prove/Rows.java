package io.selvage.prove;

import io.selvage.prove.diagram.Cubes;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Space;
import io.selvage.prove.encode.Variable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/** A set of requests as rows of words: a class of callers each, and what else must hold. */
final class Rows {
  private static final String ANY = "any identity ";

  private final Space space;
  private final KnownCallers callers;
  private final List<Row> rows = new ArrayList<>();

  private Rows(Space space, KnownCallers callers) {
    this.space = space;
    this.callers = callers;
  }

  /**
   * Rows of a set.
   *
   * @param set may have requests that there can't be, where that makes it simpler; rows of only
   *     such are left out
   * @param most one more is made when there are more
   */
  static List<Row> of(Space space, KnownCallers callers, int set, int most) {
    Rows all = new Rows(space, callers);
    // What is assumed of callers is part of who they are, so it is never left out.
    int assumed = space.diagrams().and(set, space.encode(space.world().also()));
    for (List<Cubes.Side> cube : Cubes.of(space.diagrams(), assumed, 4 * most + 8)) {
      if (all.rows.size() > most) {
        break;
      }
      if (all.isPossible(cube)) {
        all.rows.add(all.row(cube));
      }
    }
    return List.copyOf(all.rows);
  }

  private boolean isPossible(List<Cubes.Side> cube) {
    Diagrams diagrams = space.diagrams();
    int set = space.possible();
    for (Cubes.Side side : cube) {
      set = diagrams.and(set, diagrams.of(side.level(), side.values()));
    }
    return set != Diagrams.NONE;
  }

  private Row row(List<Cubes.Side> cube) {
    BitSet peers = new BitSet();
    peers.set(0, callers.variable().sizes()[0]);
    List<Row.Term> when = new ArrayList<>();
    for (Cubes.Side side : cube) {
      if (side.level() == callers.variable().level()) {
        peers = BitSet.valueOf(side.values());
      } else {
        term(side).ifPresent(when::add);
      }
    }
    boolean plaintext = peers.get(0);
    peers.clear(0);
    List<String> known =
        peers.stream().boxed().flatMap(value -> callers.of(value).stream()).sorted().toList();
    boolean unknown = peers.stream().anyMatch(callers::hasUnknown);
    return new Row(from(plaintext, peers), plaintext, known, unknown, when);
  }

  private String from(boolean plaintext, BitSet identities) {
    if (identities.isEmpty()) {
      return "unauthenticated (plaintext)";
    }
    boolean all = identities.cardinality() == callers.variable().atoms().atoms().size();
    if (all) {
      return plaintext ? "anybody" : "any identity";
    }
    String who = Wording.of(callers.variable(), identities.toLongArray()).orElse("any identity");
    String named = who.startsWith("not: ") || who.startsWith("is ") ? named(who) : who;
    return plaintext ? named + ", and plaintext" : named;
  }

  private static String named(String who) {
    int not = who.indexOf("not: ");
    if (who.startsWith("not: ") || who.startsWith("is there and not: ")) {
      String others = who.substring(not + "not: ".length());
      return others.startsWith(ANY)
          ? "any identity not " + others.replace(ANY, "")
          : "any identity but " + others;
    }
    return "any identity that " + who;
  }

  private Optional<Row.Term> term(Cubes.Side side) {
    for (Variable variable : space.variables()) {
      int end = variable.level() + variable.sizes().length;
      if (variable.level() <= side.level() && side.level() < end) {
        String name = name(variable.field());
        if (variable instanceof Variable.Elements elements) {
          boolean present = (side.values()[0] & 2) != 0;
          return Optional.of(
              new Row.Term(
                  name, Wording.ofElement(elements, side.level() - variable.level(), present)));
        }
        return Wording.of(variable, side.values()).map(text -> new Row.Term(name, text));
      }
    }
    throw new IllegalStateException("a level of no field: " + side.level());
  }

  private static String name(Field field) {
    return switch (field) {
      case Field.Peer _ -> "caller";
      case Field.SourceAddress _ -> "source address";
      case Field.RemoteAddress _ -> "client address";
      case Field.DestinationAddress _ -> "dialled address";
      case Field.ServerName _ -> "server name";
      case Field.Authorizer(String provider) -> "authorizer " + provider;
      case Field.Method _ -> "method";
      case Field.Path _ -> "path";
      case Field.Host _ -> "host";
      case Field.Header(String header) -> "header " + header;
      case Field.Issuer _ -> "token's issuer";
      case Field.Subject _ -> "token's subject";
      case Field.Claim(var path) -> "token's " + String.join(".", path);
    };
  }
}
