package io.selvage.prove.atom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The atoms of a text field, and where any text belongs. Immutable. */
public final class TextAtoms {
  private final Predicate<String> domain;
  private final TextTests tests;
  private final List<Atom<String>> atoms;
  private final Map<List<Integer>, Integer> byPatterns = new HashMap<>();

  TextAtoms(Predicate<String> domain, TextTests tests, List<Atom<String>> atoms) {
    this.domain = domain;
    this.tests = tests;
    this.atoms = atoms;
    for (int i = 0; i < atoms.size(); i++) {
      byPatterns.put(boxed(atoms.get(i).patterns()), i);
    }
  }

  /** In order of the length of what they show. */
  public List<Atom<String>> atoms() {
    return atoms;
  }

  /** The ids of the tests that a text satisfies, whether or not it is of the domain. */
  public int[] satisfied(String text) {
    return tests.satisfied(text);
  }

  /** The index of the atom that a text is of; -1 when it is not in the domain. */
  public int indexOf(String text) {
    return domain.test(text) ? byPatterns.getOrDefault(boxed(satisfied(text)), -1) : -1;
  }

  /**
   * With one more text in the domain: a last atom when it satisfies what no other text does, else
   * nothing changes and {@link #indexOf} doesn't know it.
   */
  public TextAtoms withUnlike(String text) {
    int[] satisfied = satisfied(text);
    if (byPatterns.containsKey(boxed(satisfied))) {
      return this;
    }
    List<Atom<String>> more = new ArrayList<>(atoms);
    more.add(new Atom<>(text, satisfied));
    return new TextAtoms(
        each -> each.equals(text) || domain.test(each), tests, List.copyOf(more));
  }

  private static List<Integer> boxed(int[] patterns) {
    return Arrays.stream(patterns).boxed().toList();
  }
}
