package io.selvage.prove.atom;

import io.selvage.policy.StringMatch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tests of a text field: whole texts in a table, since there may be very many of them and each
 * is of one text alone, and all others in an automaton. Immutable.
 */
final class TextTests {
  /** With fewer whole texts the automaton may as well have them. */
  private static final int FEW = 3;

  private static final int[] NONE = {};

  private final Symbols symbols;
  private final PatternTrie automaton;
  private final Map<String, int[]> whole;
  private final boolean folded;

  private TextTests(
      Symbols symbols, PatternTrie automaton, Map<String, int[]> whole, boolean folded) {
    this.symbols = symbols;
    this.automaton = automaton;
    this.whole = whole;
    this.folded = folded;
  }

  /** All tests in the automaton. */
  static TextTests inOne(List<FieldTest> tests, Symbols symbols) {
    return of(tests, symbols, Map.of(), false);
  }

  /** Whole texts in the table, unless they are few or can't be told from each other by a table. */
  static TextTests of(List<FieldTest> tests, Symbols symbols) {
    boolean folded = tests.stream().allMatch(TextTests::ignoresCase);
    Map<String, int[]> whole = new HashMap<>();
    for (int id = 0; id < tests.size(); id++) {
      if (tests.get(id) instanceof FieldTest.Target) {
        return inOne(tests, symbols);
      }
      if (isWhole(tests.get(id), folded)) {
        String text = text(tests.get(id), folded);
        int[] before = whole.getOrDefault(text, NONE);
        int[] ids = Arrays.copyOf(before, before.length + 1);
        ids[before.length] = id;
        whole.put(text, ids);
      }
    }
    return whole.size() <= FEW ? inOne(tests, symbols) : of(tests, symbols, whole, folded);
  }

  private static TextTests of(
      List<FieldTest> tests, Symbols symbols, Map<String, int[]> whole, boolean folded) {
    PatternTrie trie = new PatternTrie();
    boolean ofTargets = tests.stream().anyMatch(FieldTest.Target.class::isInstance);
    for (int id = 0; id < tests.size(); id++) {
      FieldTest test = tests.get(id);
      if (whole.isEmpty() || !isWhole(test, folded)) {
        trie.add(pattern(test, symbols, ofTargets), id);
      }
    }
    trie.freeze();
    return new TextTests(symbols, trie, whole, folded);
  }

  private static TextPattern pattern(FieldTest test, Symbols symbols, boolean ofTargets) {
    return switch (test) {
      case FieldTest.Text(var match) -> path(TextPattern.of(match, symbols), ofTargets);
      case FieldTest.Template(var template, var reading) ->
          path(TextPattern.of(template, reading, symbols), ofTargets);
      case FieldTest.Target(var match) -> TextPattern.of(match, symbols);
      case FieldTest.Lines _, FieldTest.Block _ ->
          throw new IllegalArgumentException("asks no text: " + test);
    };
  }

  private static TextPattern path(TextPattern pattern, boolean ofTargets) {
    return ofTargets ? pattern.beforeQuery() : pattern;
  }

  private static boolean ignoresCase(FieldTest test) {
    return test instanceof FieldTest.Text(StringMatch match)
        && switch (match) {
          case StringMatch.Any _, StringMatch.NonEmpty _ -> true;
          case StringMatch.Exact(_, var fold) -> fold;
          case StringMatch.Prefix(_, var fold) -> fold;
          case StringMatch.Suffix(_, var fold) -> fold;
          case StringMatch.Contains(_, var fold) -> fold;
          case StringMatch.Regex _ -> false;
        };
  }

  private static boolean isWhole(FieldTest test, boolean folded) {
    return test instanceof FieldTest.Text(StringMatch.Exact(_, var fold)) && fold == folded;
  }

  private static String text(FieldTest test, boolean folded) {
    if (test instanceof FieldTest.Text(StringMatch.Exact(String value, _))) {
      return key(value, folded);
    }
    throw new IllegalArgumentException("no whole text: " + test);
  }

  /** ASCII letters alone are folded, as in matching. */
  private static String key(String text, boolean folded) {
    if (!folded) {
      return text;
    }
    StringBuilder key = new StringBuilder(text);
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        key.setCharAt(i, (char) (c + 32));
      }
    }
    return key.toString();
  }

  PatternTrie automaton() {
    return automaton;
  }

  /** The whole texts, each once. */
  List<String> wholeTexts() {
    return whole.keySet().stream().sorted().toList();
  }

  /** Whether the table has the text. */
  boolean isWhole(String text) {
    return !whole.isEmpty() && whole.containsKey(key(text, folded));
  }

  /** The ids of the tests that a text satisfies, ascending. */
  int[] satisfied(String text) {
    int[] others = automaton.classify(symbols.known(text));
    int[] own = whole.isEmpty() ? NONE : whole.getOrDefault(key(text, folded), NONE);
    if (own.length == 0) {
      return others;
    }
    int[] all = Arrays.copyOf(others, others.length + own.length);
    System.arraycopy(own, 0, all, others.length, own.length);
    Arrays.sort(all);
    return all;
  }
}
