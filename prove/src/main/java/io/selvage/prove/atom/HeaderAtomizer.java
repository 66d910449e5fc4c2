package io.selvage.prove.atom;

import io.selvage.prove.diagram.Meter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the lists of values that a header may come with into atoms. A pattern is tested on the
 * values joined with commas; a wide one ({@code Reading.WIDE}) also on each value alone. So this
 * walks the texts of one line after the other and knows at each point what the joined text, the
 * line, and the finished lines matched.
 */
final class HeaderAtomizer {
  private static final int LINE = 256;
  private static final int STATES_PER_ATOM = 16;

  /** Of a state, with its places in tables. */
  private static final int BYTES_OF_STATE = 200;

  private final TextDomain domain = Domains.HEADER_VALUE;
  private final PatternTrie joined;
  private final PatternTrie alone;
  private final Symbols symbols;
  private final Meter meter;
  private final List<State> states = new ArrayList<>();
  private final Map<State, Integer> known = new HashMap<>();
  private final List<int[]> origins = new ArrayList<>();
  private long bytes;

  /**
   * What a list of lines so far is in.
   *
   * @param finished wide patterns that lines before this one match, ascending
   */
  @SuppressWarnings("ArrayRecordComponent") // compares its arrays itself
  private record State(int ofDomain, int[] ofJoined, int[] ofLine, int[] finished) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof State(int d, int[] j, int[] l, int[] f)
          && ofDomain == d
          && Arrays.equals(ofJoined, j)
          && Arrays.equals(ofLine, l)
          && Arrays.equals(finished, f);
    }

    @Override
    public int hashCode() {
      int hash = Arrays.hashCode(ofJoined) * 31 + Arrays.hashCode(ofLine);
      return (hash * 31 + Arrays.hashCode(finished)) * 31 + ofDomain;
    }
  }

  private HeaderAtomizer(PatternTrie joined, PatternTrie alone, Symbols symbols, Meter meter) {
    this.joined = joined;
    this.alone = alone;
    this.symbols = symbols;
    this.meter = meter;
  }

  /**
   * The atoms of a header that is there.
   *
   * @param joined all patterns
   * @param alone the wide ones among them, by the same ids
   */
  static List<Atom<List<String>>> of(
      PatternTrie joined, PatternTrie alone, Symbols symbols, Meter meter) {
    return new HeaderAtomizer(joined, alone, symbols, meter).atoms();
  }

  private List<Atom<List<String>>> atoms() {
    Map<List<Integer>, Atom<List<String>>> atoms = new HashMap<>();
    List<Atom<List<String>>> ordered = new ArrayList<>();
    visit(new State(0, joined.start(), alone.start(), new int[0]), -1, -1);
    for (int at = 0; at < states.size(); at++) {
      meter.atoms(Math.max(ordered.size(), states.size() / STATES_PER_ATOM));
      State state = states.get(at);
      if (domain.accepts(state.ofDomain())) {
        int[] accepted = union(joined.accepted(state.ofJoined()), matchedLines(state));
        List<Integer> key = Arrays.stream(accepted).boxed().toList();
        if (!atoms.containsKey(key)) {
          Atom<List<String>> atom = new Atom<>(lines(at), accepted);
          atoms.put(key, atom);
          ordered.add(atom);
        }
        visit(
            new State(0, joined.step(state.ofJoined(), ','), alone.start(), matchedLines(state)),
            at,
            LINE);
      }
      expand(at, state);
    }
    meter.freed(bytes);
    return List.copyOf(ordered);
  }

  private int[] matchedLines(State state) {
    return union(state.finished(), alone.accepted(state.ofLine()));
  }

  private static int[] union(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return Arrays.stream(both).sorted().distinct().toArray();
  }

  private void expand(int at, State state) {
    CharSet singles = joined.singles(state.ofJoined()).or(alone.singles(state.ofLine()));
    for (TextDomain.Move move : domain.moves(state.ofDomain())) {
      CharSet own = move.set().and(singles);
      for (int symbol = own.next(0); symbol >= 0; symbol = own.next(symbol + 1)) {
        visit(after(state, move.target(), symbol), at, symbol);
      }
      CharSet rest = move.set().without(singles);
      if (!rest.isEmpty()) {
        for (CharSet part : joined.parted(state.ofJoined(), rest)) {
          for (CharSet block : alone.parted(state.ofLine(), part)) {
            int symbol = TextAtomizer.shown(block);
            visit(after(state, move.target(), symbol), at, symbol);
          }
        }
      }
    }
  }

  private State after(State state, int ofDomain, int symbol) {
    return new State(
        ofDomain,
        joined.step(state.ofJoined(), symbol),
        alone.step(state.ofLine(), symbol),
        state.finished());
  }

  private void visit(State state, int before, int symbol) {
    meter.step();
    if (known.putIfAbsent(state, states.size()) == null) {
      origins.add(new int[] {before, symbol});
      states.add(state);
      long more =
          BYTES_OF_STATE
              + 4L * (state.ofJoined().length + state.ofLine().length + state.finished().length);
      meter.bytes(more);
      bytes += more;
    }
  }

  private List<String> lines(int state) {
    List<String> lines = new ArrayList<>();
    List<Integer> line = new ArrayList<>();
    for (int at = state; origins.get(at)[0] >= 0; at = origins.get(at)[0]) {
      int symbol = origins.get(at)[1];
      if (symbol == LINE) {
        lines.addFirst(text(line));
        line.clear();
      } else {
        line.addFirst(symbol);
      }
    }
    lines.addFirst(text(line));
    return List.copyOf(lines);
  }

  private String text(List<Integer> line) {
    int[] path = line.stream().mapToInt(Integer::intValue).toArray();
    return symbols.text(path, path.length);
  }
}
