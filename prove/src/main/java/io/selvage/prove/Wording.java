package io.selvage.prove;

import io.selvage.policy.PathTemplate;
import io.selvage.policy.StringMatch;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Variable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Says in a policy's words which values of a field a set has: the tests whose union it is; or those
 * that it is without; or one test without others; or, when nothing of that is short, examples.
 */
final class Wording {
  private static final String IN_NAMESPACE = "any identity in ns ";
  private static final int MOST_TESTS = 6;
  private static final int MOST_EXAMPLES = 4;
  private static final Pattern NAMESPACE = Pattern.compile("\\.\\*/ns/(.+)/\\.\\*");
  private static final Pattern ACCOUNT =
      Pattern.compile("spiffe://\\.\\+/ns/(.+)/\\(\\.\\+/\\|\\)sa/(.+)\\(/\\.\\+\\)\\?");
  private static final Pattern TRUST_DOMAIN = Pattern.compile("spiffe://(.+)/\\.\\*");
  private static final Pattern PRINCIPAL_END = Pattern.compile("spiffe\\W+://\\.\\*(.*)");

  private final Variable variable;
  private final int size;

  /** The values that satisfy each test. */
  private final BitSet[] satisfying;

  private Wording(Variable variable) {
    this.variable = variable;
    this.size = variable.sizes()[0];
    this.satisfying = new BitSet[variable.tests().size()];
    for (int test = 0; test < satisfying.length; test++) {
      satisfying[test] = new BitSet();
    }
    List<int[]> patterns = variable.patterns();
    for (int i = 0; i < patterns.size(); i++) {
      for (int test : patterns.get(i)) {
        satisfying[test].set(i + variable.offset());
      }
    }
  }

  /** The values in words, such as {@code starts with /charge}; empty when it is all of them. */
  static Optional<String> of(Variable variable, long[] values) {
    if (variable instanceof Variable.Answer) {
      boolean yes = (values[0] & 2) != 0;
      boolean no = (values[0] & 1) != 0;
      return yes && no ? Optional.empty() : Optional.of(yes ? "agrees" : "refuses");
    }
    return new Wording(variable).of(BitSet.valueOf(values));
  }

  /** Of one string in a list: whether it is there. */
  static String ofElement(Variable.Elements elements, int index, boolean present) {
    String like =
        java.util.Arrays.stream(elements.atoms().get(index).patterns())
            .mapToObj(id -> text(elements.tests().get(id), elements.field()))
            .collect(Collectors.joining(" and "));
    return (present ? "has one that " : "has none that ") + like;
  }

  private Optional<String> of(BitSet values) {
    if (values.cardinality() == size) {
      return Optional.empty();
    }
    boolean optional = variable.offset() == 1;
    BitSet there = copy(values);
    BitSet missing = copy(values);
    missing.flip(0, size);
    boolean absent = optional && values.get(0);
    if (optional) {
      there.clear(0);
      missing.clear(0);
    }
    if (there.isEmpty()) {
      return Optional.of("is absent");
    }
    String orAbsent = absent ? ", or absent" : "";
    if (missing.isEmpty()) {
      return Optional.of("is there");
    }
    Optional<List<String>> union = union(there);
    if (union.isPresent()) {
      return Optional.of(either(union.get()) + orAbsent);
    }
    Optional<List<String>> without = union(missing);
    if (without.isPresent()) {
      return Optional.of(
          (optional && !absent ? "is there and not: " : "not: ")
              + either(without.get())
              + (optional && absent ? orAbsent : ""));
    }
    return Optional.of(difference(there).orElseGet(() -> examples(there)) + orAbsent);
  }

  private static BitSet copy(BitSet values) {
    BitSet copy = new BitSet();
    copy.or(values);
    return copy;
  }

  /** Few tests of which the set is the union, the widest first. */
  private Optional<List<String>> union(BitSet wanted) {
    return cover(wanted, wanted).map(this::words);
  }

  private List<String> words(List<Integer> ids) {
    return ids.stream().map(id -> text(variable.tests().get(id), variable.field())).toList();
  }

  /** Few tests that together have all that is wanted, and nothing that isn't {@code within}. */
  private Optional<List<Integer>> cover(BitSet wanted, BitSet within) {
    List<Integer> usable = new ArrayList<>();
    for (int id = 0; id < satisfying.length; id++) {
      BitSet outside = copy(satisfying[id]);
      outside.andNot(within);
      if (outside.isEmpty()) {
        usable.add(id);
      }
    }
    BitSet left = copy(wanted);
    List<Integer> chosen = new ArrayList<>();
    while (!left.isEmpty() && chosen.size() < MOST_TESTS) {
      int best = -1;
      int gain = 0;
      for (int id : usable) {
        BitSet gained = copy(satisfying[id]);
        gained.and(left);
        if (gained.cardinality() > gain) {
          gain = gained.cardinality();
          best = id;
        }
      }
      if (best < 0) {
        return Optional.empty();
      }
      left.andNot(satisfying[best]);
      chosen.add(best);
    }
    return left.isEmpty() ? Optional.of(chosen) : Optional.empty();
  }

  /** Tests that have more than the set, without others that have all that is too much. */
  private Optional<String> difference(BitSet wanted) {
    BitSet exceptions = new BitSet();
    for (BitSet set : satisfying) {
      if (!set.intersects(wanted)) {
        exceptions.or(set);
      }
    }
    BitSet within = copy(wanted);
    within.or(exceptions);
    Optional<List<Integer>> wide = cover(wanted, within);
    if (wide.isEmpty()) {
      return Optional.empty();
    }
    BitSet more = new BitSet();
    wide.get().forEach(id -> more.or(satisfying[id]));
    more.andNot(wanted);
    return cover(more, exceptions)
        .map(
            but ->
                either(words(wide.get())) + (but.isEmpty() ? "" : ", but not: " + either(words(but))));
  }

  private String examples(BitSet values) {
    String shown =
        values.stream()
            .limit(MOST_EXAMPLES)
            .mapToObj(value -> SampleText.principal(variable.shown(value).orElse("")))
            .map(Wording::quotedIfEmpty)
            .collect(Collectors.joining(", "));
    int more = values.cardinality() - MOST_EXAMPLES;
    return "is like one of " + shown + (more > 0 ? " and %d more kinds".formatted(more) : "");
  }

  private static String either(List<String> words) {
    if (words.size() > 1) {
      if (words.stream().allMatch(word -> word.startsWith("= "))) {
        return "is one of " + joined(words, "= ", ", ");
      }
      if (words.stream().allMatch(word -> word.startsWith(IN_NAMESPACE))) {
        return IN_NAMESPACE + joined(words, IN_NAMESPACE, " or ");
      }
    }
    return String.join(" or ", words);
  }

  private static String joined(List<String> words, String beginning, String between) {
    return words.stream()
        .map(word -> word.substring(beginning.length()))
        .sorted()
        .collect(Collectors.joining(between));
  }

  private static String quotedIfEmpty(String text) {
    return text.isEmpty() ? "\"\"" : text;
  }

  /** One test in words. */
  static String text(FieldTest test, Field field) {
    return switch (test) {
      case FieldTest.Text(var match) ->
          field instanceof Field.Peer ? ofIdentity(match) : text(match);
      case FieldTest.Template(PathTemplate template, _) -> "is like " + template.text();
      case FieldTest.Target(var match) -> "with its query " + text(match);
      case FieldTest.Lines(var anyOf, _) -> either(anyOf.stream().map(Wording::text).toList());
      case FieldTest.Block(var block) -> "in " + block;
    };
  }

  private static String text(StringMatch match) {
    return switch (match) {
      case StringMatch.Any _ -> "is there";
      case StringMatch.NonEmpty _ -> "isn't empty";
      case StringMatch.Exact(String value, _) -> "= " + quotedIfEmpty(value);
      case StringMatch.Prefix(String value, _) -> "starts with " + value;
      case StringMatch.Suffix(String value, _) -> "ends with " + value;
      case StringMatch.Contains(String value, _) -> "contains " + value;
      case StringMatch.Regex(var pattern) -> "matches " + pattern.pattern();
    };
  }

  /** Identities in the words of the fields that they come from. */
  private static String ofIdentity(StringMatch match) {
    return switch (match) {
      case StringMatch.Any _, StringMatch.NonEmpty _ -> "any identity";
      case StringMatch.Exact(String value, _) -> SampleText.principal(value);
      case StringMatch.Prefix(String value, _) ->
          value.equals("spiffe://")
              ? "any identity"
              : "any identity " + SampleText.principal(value) + "*";
      case StringMatch.Suffix(String value, _) -> "any identity *" + value;
      case StringMatch.Contains(String value, _) -> "any identity with " + value + " in it";
      case StringMatch.Regex(var pattern) -> ofExpression(pattern.pattern());
    };
  }

  private static String ofExpression(String expression) {
    Matcher account = ACCOUNT.matcher(expression);
    if (account.matches()) {
      return "any identity of service account "
          + unquoted(account.group(1))
          + "/"
          + unquoted(account.group(2));
    }
    Matcher namespace = NAMESPACE.matcher(expression);
    if (namespace.matches()) {
      return IN_NAMESPACE + unquoted(namespace.group(1));
    }
    Matcher end = PRINCIPAL_END.matcher(expression);
    if (end.matches()) {
      return "any identity *" + unquoted(end.group(1));
    }
    Matcher domain = TRUST_DOMAIN.matcher(expression);
    return domain.matches()
        ? "any identity of trust domain " + unquoted(domain.group(1).replace("[^/]*", ".*"))
        : "any identity that matches " + expression;
  }

  private static String unquoted(String expression) {
    return expression.replace(".*", "*").replaceAll("\\\\(.)", "$1");
  }
}
