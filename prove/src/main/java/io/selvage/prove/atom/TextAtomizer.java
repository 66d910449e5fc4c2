package io.selvage.prove.atom;

import io.selvage.prove.diagram.Meter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the texts of a domain into atoms: walks, shortest texts first, through what the domain and
 * all patterns can be in after the same text, and keeps the first text of each different set of
 * patterns that match. Complete, since every text leads to one of those states.
 */
public final class TextAtomizer {
  /** Of a state, with its places in tables. */
  private static final int BYTES_OF_STATE = 128;

  /** Which of several symbols that make no difference is shown. */
  private static final int[] PREFERRED = preferred();

  private final TextDomain domain;
  private final PatternTrie trie;
  private final Symbols symbols;
  private final Meter meter;
  private final List<State> states = new ArrayList<>();
  private final Map<State, Integer> known = new HashMap<>();
  private final Set<List<Integer>> onlyUnwanted = new HashSet<>();
  private int[] from = new int[64];
  private int[] by = new int[64];
  private long bytes;

  /** What domain and patterns are in. */
  @SuppressWarnings("ArrayRecordComponent") // compares its arrays itself
  private record State(int ofDomain, int[] ofPatterns) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof State(int itsDomain, int[] itsPatterns)
          && ofDomain == itsDomain
          && Arrays.equals(ofPatterns, itsPatterns);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(ofPatterns) * 31 + ofDomain;
    }
  }

  private TextAtomizer(TextDomain domain, PatternTrie trie, Symbols symbols, Meter meter) {
    this.domain = domain;
    this.trie = trie;
    this.symbols = symbols;
    this.meter = meter;
  }

  /**
   * The atoms of texts that aren't whole ones of the tests' table; empty when some tests of the
   * automaton are satisfied together, as far as was seen, by whole texts alone.
   */
  static Optional<List<Atom<String>>> of(
      TextDomain domain, TextTests tests, Symbols symbols, Meter meter) {
    TextAtomizer atomizer = new TextAtomizer(domain, tests.automaton(), symbols, meter);
    List<Atom<String>> atoms = atomizer.atoms(tests::isWhole);
    return atomizer.onlyUnwanted.isEmpty() ? Optional.of(atoms) : Optional.empty();
  }

  /** The atoms of a domain; of none when it is empty. */
  static List<Atom<String>> of(TextDomain domain, PatternTrie trie, Symbols symbols, Meter meter) {
    return new TextAtomizer(domain, trie, symbols, meter).atoms(_ -> false);
  }

  private List<Atom<String>> atoms(Predicate<String> unwanted) {
    Map<List<Integer>, Atom<String>> atoms = new HashMap<>();
    List<Atom<String>> ordered = new ArrayList<>();
    visit(new State(0, trie.start()), -1, -1);
    for (int at = 0; at < states.size(); at++) {
      meter.atoms(ordered.size());
      State state = states.get(at);
      if (domain.accepts(state.ofDomain())) {
        int[] accepted = trie.accepted(state.ofPatterns());
        List<Integer> key = Arrays.stream(accepted).boxed().toList();
        if (!atoms.containsKey(key)) {
          String text = text(at);
          if (unwanted.test(text)) {
            onlyUnwanted.add(key);
          } else {
            Atom<String> atom = new Atom<>(text, accepted);
            atoms.put(key, atom);
            ordered.add(atom);
            onlyUnwanted.remove(key);
          }
        }
      }
      expand(at, state);
    }
    meter.freed(bytes);
    return List.copyOf(ordered);
  }

  private void expand(int at, State state) {
    CharSet singles = trie.singles(state.ofPatterns());
    for (TextDomain.Move move : domain.moves(state.ofDomain())) {
      CharSet alone = move.set().and(singles);
      for (int symbol = alone.next(0); symbol >= 0; symbol = alone.next(symbol + 1)) {
        visit(new State(move.target(), trie.step(state.ofPatterns(), symbol)), at, symbol);
      }
      CharSet rest = move.set().without(singles);
      if (!rest.isEmpty()) {
        for (CharSet block : trie.parted(state.ofPatterns(), rest)) {
          int symbol = shown(block);
          visit(new State(move.target(), trie.step(state.ofPatterns(), symbol)), at, symbol);
        }
      }
    }
  }

  private void visit(State state, int before, int symbol) {
    meter.step();
    if (known.putIfAbsent(state, states.size()) == null) {
      if (states.size() == from.length) {
        from = Arrays.copyOf(from, from.length * 2);
        by = Arrays.copyOf(by, by.length * 2);
      }
      from[states.size()] = before;
      by[states.size()] = symbol;
      states.add(state);
      long more = BYTES_OF_STATE + 4L * state.ofPatterns().length;
      meter.bytes(more);
      bytes += more;
    }
  }

  private String text(int state) {
    int length = 0;
    for (int at = state; from[at] >= 0; at = from[at]) {
      length++;
    }
    int[] path = new int[length];
    for (int at = state; from[at] >= 0; at = from[at]) {
      path[--length] = by[at];
    }
    return symbols.text(path, path.length);
  }

  static int shown(CharSet block) {
    for (int symbol : PREFERRED) {
      if (block.has(symbol)) {
        return symbol;
      }
    }
    return block.next(0);
  }

  private static int[] preferred() {
    return "xyzabcdefghijklmnopqrstuvwXYZABCDEFGHIJKLMNOPQRSTUVW0123456789-_.~/:,+=@!$&'()*;%"
        .chars()
        .toArray();
  }
}
