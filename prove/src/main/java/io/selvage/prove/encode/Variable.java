package io.selvage.prove.encode;

import io.selvage.prove.atom.Atom;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.atom.TextAtoms;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** A field as levels of a diagram. */
public sealed interface Variable {
  Field field();

  /** What is asked of the field; a test's id is its index. */
  List<FieldTest> tests();

  /** The first level. */
  int level();

  /** How many values each of its levels has. */
  int[] sizes();

  /**
   * Text, one of the atoms or absent.
   *
   * @param optional whether value 0 is its absence; atoms then begin at 1
   */
  record Text(Field field, List<FieldTest> tests, int level, boolean optional, TextAtoms atoms)
      implements Variable {
    @Override
    public int[] sizes() {
      return new int[] {atoms.atoms().size() + first()};
    }

    int first() {
      return optional ? 1 : 0;
    }
  }

  /** A header: value 0 is its absence. */
  record Lines(Field field, List<FieldTest> tests, int level, List<Atom<List<String>>> atoms)
      implements Variable {
    @Override
    public int[] sizes() {
      return new int[] {atoms.size() + 1};
    }
  }

  /** An address. */
  record Address(Field field, List<FieldTest> tests, int level, List<Atom<InetAddress>> atoms)
      implements Variable {
    @Override
    public int[] sizes() {
      return new int[] {atoms.size()};
    }
  }

  /**
   * The strings in a list: one level for each atom, value 1 when one of its strings is in the list.
   * Strings that no test is satisfied by have no level.
   */
  record Elements(Field field, List<FieldTest> tests, int level, List<Atom<String>> atoms)
      implements Variable {
    @Override
    public int[] sizes() {
      int[] sizes = new int[atoms.size()];
      java.util.Arrays.fill(sizes, 2);
      return sizes;
    }
  }

  /** An open answer: value 1 is yes. */
  record Answer(Field field, int level) implements Variable {
    @Override
    public List<FieldTest> tests() {
      return List.of();
    }

    @Override
    public int[] sizes() {
      return new int[] {2};
    }
  }

  /** The patterns of each value of a level, from the first that has a value; for masks. */
  default List<int[]> patterns() {
    return switch (this) {
      case Text text -> text.atoms().atoms().stream().map(Atom::patterns).toList();
      case Lines lines -> lines.atoms().stream().map(Atom::patterns).toList();
      case Address address -> address.atoms().stream().map(Atom::patterns).toList();
      case Elements elements -> elements.atoms().stream().map(Atom::patterns).toList();
      case Answer _ -> List.of();
    };
  }

  /** How many values of its level come before the first atom. */
  default int offset() {
    return switch (this) {
      case Text text -> text.first();
      case Lines _ -> 1;
      case Address _, Elements _, Answer _ -> 0;
    };
  }

  /** The text that an atom shows, for wording. */
  default Optional<String> shown(int value) {
    int atom = value - offset();
    if (atom < 0) {
      return Optional.empty();
    }
    return switch (this) {
      case Text text -> Optional.of(text.atoms().atoms().get(atom).value());
      case Lines lines -> Optional.of(String.join(",", lines.atoms().get(atom).value()));
      case Address address -> Optional.of(address.atoms().get(atom).value().getHostAddress());
      case Elements elements -> Optional.of(elements.atoms().get(atom).value());
      case Answer _ -> Optional.of("yes");
    };
  }
}
