package io.selvage.prove.encode;

import io.selvage.prove.diagram.Diagrams;
import java.util.List;

/** What keeps fields of one request from being combined freely. */
final class SideConditions {
  private final Space space;
  private final Diagrams diagrams;

  SideConditions(Space space) {
    this.space = space;
    this.diagrams = space.diagrams();
  }

  int all() {
    int all = Diagrams.ALL;
    for (int each : List.of(serverNameOfTls(), claimsOfToken(), nestedClaims(), asterisk())) {
      all = diagrams.and(all, each);
    }
    return all;
  }

  /** A request in plaintext comes without a server name; plain TCP may carry TLS of its own. */
  private int serverNameOfTls() {
    if (!space.isHttp()
        || space.world().anonymousTls()
        || !(space.variable(new Field.Peer()) instanceof Variable.Text peer)
        || !(space.variable(new Field.ServerName()) instanceof Variable.Text name)) {
      return Diagrams.ALL;
    }
    return diagrams.or(diagrams.not(space.value(peer.level(), 0)), space.value(name.level(), 0));
  }

  private int claimsOfToken() {
    if (!(space.variable(new Field.Issuer()) instanceof Variable.Text issuer)) {
      return Diagrams.ALL;
    }
    int without = space.value(issuer.level(), 0);
    int noClaims = Diagrams.ALL;
    for (Variable variable : space.variables()) {
      if (variable instanceof Variable.Text text && text.field() instanceof Field.Subject) {
        noClaims = diagrams.and(noClaims, space.value(text.level(), 0));
      } else if (variable instanceof Variable.Elements elements) {
        noClaims = diagrams.and(noClaims, none(elements));
      }
    }
    return diagrams.or(diagrams.not(without), noClaims);
  }

  private int none(Variable.Elements elements) {
    return diagrams.not(space.encode(new Formula.Present(elements.field())));
  }

  /** A claim that is text, or a list of it, has no claims inside. */
  private int nestedClaims() {
    int all = Diagrams.ALL;
    for (Variable outer : space.variables()) {
      for (Variable inner : space.variables()) {
        if (outer instanceof Variable.Elements out
            && inner instanceof Variable.Elements in
            && isInside(((Field.Claim) in.field()).path(), ((Field.Claim) out.field()).path())) {
          all = diagrams.and(all, diagrams.or(none(out), none(in)));
        }
        if (inner instanceof Variable.Elements in && isInText((Field.Claim) in.field())) {
          all = diagrams.and(all, none(in));
        }
      }
    }
    return all;
  }

  private static boolean isInside(List<String> inner, List<String> outer) {
    return inner.size() > outer.size() && inner.subList(0, outer.size()).equals(outer);
  }

  /** Issuer and subject are text (RFC 7519 4.1). */
  private boolean isInText(Field.Claim claim) {
    List<String> path = claim.path();
    return path.isEmpty() || (path.size() > 1 && path.getFirst().equals("iss"));
  }

  /** The target {@code *} is for {@code OPTIONS} alone (RFC 9112 3.2.4). */
  private int asterisk() {
    if (!(space.variable(new Field.Path()) instanceof Variable.Text path)
        || !(space.variable(new Field.Method()) instanceof Variable.Text method)) {
      return Diagrams.ALL;
    }
    int last = path.atoms().atoms().size() - 1;
    if (last < 0 || !path.atoms().atoms().get(last).value().equals("*")) {
      return Diagrams.ALL;
    }
    return diagrams.or(
        diagrams.not(space.value(path.level(), last)),
        space.value(method.level(), method.atoms().indexOf("OPTIONS")));
  }
}
