package io.selvage.prove;

import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.Atom;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Space;
import io.selvage.prove.encode.Variable;
import java.util.ArrayList;
import java.util.List;

/** Which principals of the inventory are of which atom of the peer. */
final class KnownCallers {
  private final Variable.Text peer;
  private final boolean isOpenWorld;
  private final List<List<String>> byValue = new ArrayList<>();

  /**
   * @param principals URIs, in the order in which they are to be shown
   */
  KnownCallers(Space space, List<String> principals) {
    this.peer = peer(space);
    this.isOpenWorld = space.world().known().isEmpty();
    for (int i = 0; i <= peer.atoms().atoms().size(); i++) {
      byValue.add(new ArrayList<>());
    }
    for (String principal : principals) {
      int atom = peer.atoms().indexOf(principal);
      if (atom >= 0) {
        byValue.get(atom + 1).add(principal);
      }
    }
  }

  private static Variable.Text peer(Space space) {
    if (space.variable(new Field.Peer()) instanceof Variable.Text text) {
      return text;
    }
    throw new IllegalStateException("a space without callers");
  }

  Variable.Text variable() {
    return peer;
  }

  /** The inventory's among the identities of a value, which isn't 0. */
  List<String> of(int value) {
    return byValue.get(value);
  }

  /** Whether a value stands for identities that aren't in the inventory. */
  boolean hasUnknown(int value) {
    if (!isOpenWorld) {
      return false;
    }
    Atom<String> atom = peer.atoms().atoms().get(value - 1);
    for (int id : atom.patterns()) {
      if (peer.tests().get(id) instanceof FieldTest.Text(StringMatch.Exact(_, var fold)) && !fold) {
        return byValue.get(value).isEmpty();
      }
    }
    return true;
  }
}
