package io.selvage.prove.atom;

import io.selvage.prove.atom.TextPattern.Item;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads an RE2 expression of the kind that Istio's fields become: characters, escaped ones, {@code
 * .}, classes, {@code * + ?} on those, and groups with alternatives that are repeated at most once.
 * Such an expression is a finite union of sequences; any other is {@link Unmodelled}.
 */
final class RegexSequences {
  private static final int MOST_SEQUENCES = 256;
  private static final CharSet DOT = CharSet.ALL.without(CharSet.of('\n'));

  private final String text;
  private final Symbols symbols;
  private int at;

  private RegexSequences(String text, Symbols symbols) {
    this.text = text;
    this.symbols = symbols;
  }

  static List<List<Item>> of(String text, int flags, Symbols symbols) {
    RegexSequences reader = new RegexSequences(text, symbols);
    if (flags != 0) {
      throw reader.unmodelled("it has flags");
    }
    List<List<Item>> all = reader.alternatives();
    if (reader.at < text.length()) {
      throw reader.unmodelled("unexpected '" + text.charAt(reader.at) + "'");
    }
    return all;
  }

  private List<List<Item>> alternatives() {
    List<List<Item>> all = new ArrayList<>(concatenation());
    while (at < text.length() && text.charAt(at) == '|') {
      at++;
      all.addAll(concatenation());
      bound(all.size());
    }
    return all;
  }

  private List<List<Item>> concatenation() {
    List<List<Item>> sequences = List.of(List.of());
    while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
      List<List<Item>> next = repeated();
      bound((long) sequences.size() * next.size());
      List<List<Item>> longer = new ArrayList<>();
      for (List<Item> before : sequences) {
        for (List<Item> after : next) {
          longer.add(TextPattern.joined(before, after));
        }
      }
      sequences = longer;
    }
    return sequences;
  }

  private void bound(long size) {
    if (size > MOST_SEQUENCES) {
      throw unmodelled("it has too many alternatives");
    }
  }

  private List<List<Item>> repeated() {
    if (text.charAt(at) == '(') {
      return optional(group());
    }
    CharSet set = single();
    char operator = at < text.length() ? text.charAt(at) : 0;
    List<List<Item>> result =
        switch (operator) {
          case '*' -> List.of(List.of(TextPattern.star(set)));
          case '+' -> List.of(List.of(TextPattern.once(set), TextPattern.star(set)));
          case '?' -> List.of(List.of(TextPattern.once(set)), List.of());
          default -> List.of(List.of(TextPattern.once(set)));
        };
    if (operator == '*' || operator == '+' || operator == '?') {
      at++;
      refuseOperator();
    }
    return result;
  }

  private List<List<Item>> group() {
    at++;
    if (at < text.length() && text.charAt(at) == '?') {
      if (!text.startsWith("?:", at)) {
        throw unmodelled("a group with flags or a name");
      }
      at += 2;
    }
    List<List<Item>> inner = alternatives();
    if (at >= text.length() || text.charAt(at) != ')') {
      throw unmodelled("a group that doesn't end");
    }
    at++;
    return inner;
  }

  private List<List<Item>> optional(List<List<Item>> group) {
    if (at < text.length() && text.charAt(at) == '?') {
      at++;
      refuseOperator();
      List<List<Item>> all = new ArrayList<>(group);
      all.add(List.of());
      return all;
    }
    refuseOperator();
    return group;
  }

  private void refuseOperator() {
    if (at < text.length() && "*+?{".indexOf(text.charAt(at)) >= 0) {
      throw unmodelled("the repetition '" + text.charAt(at) + "' there");
    }
  }

  private CharSet single() {
    int c = text.codePointAt(at);
    at += Character.charCount(c);
    return switch (c) {
      case '.' -> DOT;
      case '[' -> characterClass();
      case '\\' -> escaped();
      case '^', '$', '*', '+', '?', '{', '}', ')', ']' ->
          throw unmodelled("the operator '" + Character.toString(c) + "' there");
      default -> symbol(c);
    };
  }

  private CharSet symbol(int c) {
    return CharSet.of(symbols.of(Character.toString(c))[0]);
  }

  /** A backslash before punctuation is that character; other escapes are classes and anchors. */
  private CharSet escaped() {
    int c = at < text.length() ? text.codePointAt(at) : 'Q';
    if (c >= 128 || Character.isLetterOrDigit(c)) {
      throw unmodelled("the escape \\" + Character.toString(c));
    }
    at++;
    return symbol(c);
  }

  private CharSet characterClass() {
    boolean negated = at < text.length() && text.charAt(at) == '^';
    at += negated ? 1 : 0;
    CharSet set = CharSet.NONE;
    boolean first = true;
    while (at < text.length() && (text.charAt(at) != ']' || first)) {
      first = false;
      int from = classCharacter();
      int to = from;
      if (at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']') {
        at++;
        to = classCharacter();
      }
      int low = from;
      int high = to;
      set = set.or(CharSet.where(symbol -> low <= symbol && symbol <= high));
    }
    if (at >= text.length()) {
      throw unmodelled("a class that doesn't end");
    }
    at++;
    return negated ? CharSet.ALL.without(set) : set;
  }

  private int classCharacter() {
    char c = text.charAt(at++);
    if (c == '\\' && at < text.length()) {
      c = text.charAt(at++);
      if (Character.isLetterOrDigit(c)) {
        throw unmodelled("the escape \\" + c + " in a class");
      }
    } else if (c == '[') {
      throw unmodelled("a named class");
    }
    if (c >= 128) {
      throw unmodelled("a class beyond ASCII");
    }
    return c;
  }

  private Unmodelled unmodelled(String why) {
    return new Unmodelled("no exact model of the expression " + text + ": " + why);
  }
}
