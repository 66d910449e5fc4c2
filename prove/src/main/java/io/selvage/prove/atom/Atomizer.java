package io.selvage.prove.atom;

import io.selvage.policy.Cidr;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import io.selvage.prove.diagram.Meter;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cuts fields into atoms, by the tests that are asked of them; a test's id is its index. Remembers
 * what it has cut, since workloads share policies. Safe for use by several threads.
 */
public final class Atomizer {
  private static final int MOST_REMEMBERED = 2_000;

  private final Symbols symbols = new Symbols();
  private final Map<Key, TextAtoms> texts = new ConcurrentHashMap<>();
  private final Map<List<FieldTest>, List<Atom<List<String>>>> headers = new ConcurrentHashMap<>();

  private record Key(TextDomain domain, List<FieldTest> tests) {}

  /** The atoms of a domain of texts. */
  public TextAtoms texts(TextDomain domain, List<FieldTest> tests, Meter meter) {
    Key key = new Key(domain, tests);
    TextAtoms known = texts.get(key);
    if (known != null) {
      return known;
    }
    TextAtoms made = cutTexts(domain, tests, meter);
    if (texts.size() >= MOST_REMEMBERED) {
      texts.clear();
    }
    texts.put(key, made);
    return made;
  }

  /**
   * A whole text is an atom of its own, beside those of all other texts. Where some set of other
   * tests has no text but whole ones to show, all go through one automaton.
   */
  private TextAtoms cutTexts(TextDomain domain, List<FieldTest> tests, Meter meter) {
    TextTests split = TextTests.of(tests, symbols);
    Optional<List<Atom<String>>> others = TextAtomizer.of(domain, split, symbols, meter);
    if (others.isEmpty()) {
      TextTests one = TextTests.inOne(tests, symbols);
      return atoms(domain, one, TextAtomizer.of(domain, one, symbols, meter).orElseThrow());
    }
    List<Atom<String>> all = new ArrayList<>(others.get());
    for (String text : split.wholeTexts()) {
      if (domain.has(symbols.known(text))) {
        all.add(new Atom<>(text, split.satisfied(text)));
      }
    }
    all.sort(Comparator.comparingInt(atom -> atom.value().length()));
    return atoms(domain, split, all);
  }

  private TextAtoms atoms(TextDomain domain, TextTests tests, List<Atom<String>> atoms) {
    return new TextAtoms(
        text -> domain.has(symbols.known(text)), tests, List.copyOf(atoms));
  }

  /** The atoms of a few texts; the first of each is shown. */
  public TextAtoms texts(Set<String> values, List<FieldTest> tests) {
    TextTests split = TextTests.of(tests, symbols);
    Map<List<Integer>, Atom<String>> atoms = new HashMap<>();
    List<Atom<String>> ordered = new ArrayList<>();
    for (String value : values) {
      int[] satisfied = split.satisfied(value);
      Atom<String> atom = new Atom<>(value, satisfied);
      if (atoms.putIfAbsent(Arrays.stream(satisfied).boxed().toList(), atom) == null) {
        ordered.add(atom);
      }
    }
    return new TextAtoms(values::contains, split, List.copyOf(ordered));
  }

  /** The atoms of what a header that is there has as its values, one a line. */
  public List<Atom<List<String>>> headers(List<FieldTest> tests, Meter meter) {
    List<Atom<List<String>>> known = headers.get(tests);
    if (known == null) {
      known = cut(tests, meter);
      if (headers.size() >= MOST_REMEMBERED) {
        headers.clear();
      }
      headers.put(tests, known);
    }
    return known;
  }

  private List<Atom<List<String>>> cut(List<FieldTest> tests, Meter meter) {
    PatternTrie joined = new PatternTrie();
    PatternTrie alone = new PatternTrie();
    boolean wide = false;
    for (int id = 0; id < tests.size(); id++) {
      if (!(tests.get(id) instanceof FieldTest.Lines(var anyOf, var reading))) {
        throw new IllegalArgumentException("asks no header: " + tests.get(id));
      }
      for (StringMatch match : anyOf) {
        TextPattern pattern = TextPattern.of(match, symbols);
        joined.add(pattern, id);
        if (reading == Reading.WIDE) {
          alone.add(pattern, id);
          wide = true;
        }
      }
    }
    joined.freeze();
    alone.freeze();
    return wide
        ? HeaderAtomizer.of(joined, alone, symbols, meter)
        : TextAtomizer.of(Domains.HEADER_VALUE, joined, symbols, meter).stream()
            .map(atom -> new Atom<>(List.of(atom.value()), atom.patterns()))
            .toList();
  }

  /** The atoms of addresses of both families. */
  public List<Atom<InetAddress>> addresses(List<FieldTest> tests) {
    List<Cidr> blocks = new ArrayList<>();
    for (FieldTest test : tests) {
      if (!(test instanceof FieldTest.Block(var block))) {
        throw new IllegalArgumentException("asks no address: " + test);
      }
      blocks.add(block);
    }
    return AddressAtoms.of(blocks);
  }

  /** The ids of the tests that an address satisfies. */
  public int[] satisfied(List<FieldTest> tests, InetAddress address) {
    List<Cidr> blocks = tests.stream().map(test -> ((FieldTest.Block) test).block()).toList();
    return AddressAtoms.matching(blocks, address);
  }
}
