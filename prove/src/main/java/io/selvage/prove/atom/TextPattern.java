package io.selvage.prove.atom;

import io.selvage.policy.PathTemplate;
import io.selvage.policy.PathTemplate.Segment;
import io.selvage.policy.Reading;
import io.selvage.policy.StringMatch;
import java.util.ArrayList;
import java.util.List;

/**
 * A matcher on text, taken apart: a text matches when it is of one of the sequences. This is the
 * prover's own reading of a matcher; that it is the evaluator's is tested.
 */
record TextPattern(List<List<Item>> sequences) {
  /** One character of the set, or with {@code star} any number of them. */
  record Item(CharSet set, boolean star) {}

  static final CharSet ANY = CharSet.ALL;
  private static final CharSet PATH_CHARACTERS =
      CharSet.where(
          c ->
              (c >= 'a' && c <= 'z')
                  || (c >= 'A' && c <= 'Z')
                  || (c >= '0' && c <= '9')
                  || (c < 128 && "-._~%!$&'()+,;:@=*".indexOf(c) >= 0));
  private static final CharSet SLASH = CharSet.of('/');

  /** The sequences of a test on a string. */
  static TextPattern of(StringMatch match, Symbols symbols) {
    return switch (match) {
      case StringMatch.Any _ -> one(List.of(star(ANY)));
      case StringMatch.NonEmpty _ -> one(List.of(once(ANY), star(ANY)));
      case StringMatch.Exact(String value, boolean fold) -> one(literal(value, fold, symbols));
      case StringMatch.Prefix(String value, boolean fold) ->
          one(joined(literal(value, fold, symbols), List.of(star(ANY))));
      case StringMatch.Suffix(String value, boolean fold) ->
          one(joined(List.of(star(ANY)), literal(value, fold, symbols)));
      case StringMatch.Contains(String value, boolean fold) ->
          one(
              joined(
                  joined(List.of(star(ANY)), literal(value, fold, symbols)), List.of(star(ANY))));
      case StringMatch.Regex(var pattern) ->
          new TextPattern(RegexSequences.of(pattern.pattern(), pattern.flags(), symbols));
    };
  }

  /** The sequence of a path template; which characters its operators stand for is the reading's. */
  static TextPattern of(PathTemplate template, Reading reading, Symbols symbols) {
    CharSet within =
        reading == Reading.WIDE ? CharSet.ALL.without(SLASH) : PATH_CHARACTERS.without(SLASH);
    List<Item> items = new ArrayList<>();
    for (Segment segment : template.segments()) {
      items.add(once(SLASH));
      switch (segment) {
        case Segment.Literal(String text) -> items.addAll(literal(text, false, symbols));
        case Segment.One _ -> {
          items.add(once(within));
          items.add(star(within));
        }
        case Segment.Rest _ -> items.add(star(within.or(SLASH)));
      }
    }
    return one(items);
  }

  /** The targets whose path, which is what comes before a question mark, is of this pattern. */
  TextPattern beforeQuery() {
    CharSet mark = CharSet.of('?');
    List<List<Item>> all = new ArrayList<>();
    for (List<Item> sequence : sequences) {
      List<Item> path =
          sequence.stream().map(item -> new Item(item.set().without(mark), item.star())).toList();
      all.add(path);
      all.add(joined(path, List.of(once(mark), star(ANY))));
    }
    return new TextPattern(all);
  }

  private static TextPattern one(List<Item> items) {
    return new TextPattern(List.of(items));
  }

  static Item once(CharSet set) {
    return new Item(set, false);
  }

  static Item star(CharSet set) {
    return new Item(set, true);
  }

  static List<Item> literal(String text, boolean fold, Symbols symbols) {
    List<Item> items = new ArrayList<>();
    for (int symbol : symbols.of(text)) {
      items.add(once(fold ? folded(symbol) : CharSet.of(symbol)));
    }
    return items;
  }

  /** An ASCII letter in both cases. */
  static CharSet folded(int symbol) {
    boolean letter = (symbol >= 'a' && symbol <= 'z') || (symbol >= 'A' && symbol <= 'Z');
    CharSet set = CharSet.of(symbol);
    return letter ? set.or(CharSet.of(symbol ^ 0x20)) : set;
  }

  static List<Item> joined(List<Item> first, List<Item> second) {
    List<Item> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
