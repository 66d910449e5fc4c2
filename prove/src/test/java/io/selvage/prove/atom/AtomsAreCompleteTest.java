package io.selvage.prove.atom;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import dk.brics.automaton.Automaton;
import dk.brics.automaton.BasicAutomata;
import dk.brics.automaton.BasicOperations;
import dk.brics.automaton.RegExp;
import io.selvage.policy.StringMatch;
import io.selvage.prove.diagram.Meter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Atoms are all there are, and no more: by two other ways to find them. */
class AtomsAreCompleteTest {
  private static final String DOMAIN = "spiffe://[a-z0-9._\\-]+/ns/[a-z0-9\\-]+/sa/[a-z0-9.\\-]+";
  private static final List<String> NAMES = List.of("a", "ab", "b", "web", "web-x", "sa", "ns");

  /** A test, and the same as an automaton of another library. */
  private record Both(FieldTest test, Automaton automaton) {}

  @Property(tries = 150)
  void byAnotherLibrarysAutomata(@ForAll long seed) {
    Random random = new Random(seed);
    List<Both> all = new ArrayList<>();
    for (int i = random.nextInt(5); i >= 0; i--) {
      all.add(identityTest(random));
    }
    Set<List<Integer>> expected = new HashSet<>();
    satisfiable(new RegExp(DOMAIN).toAutomaton(), all, 0, List.of(), expected);
    List<FieldTest> tests = all.stream().map(Both::test).toList();
    assertThat(vectors(new Atomizer().texts(Domains.ISTIO_IDENTITY, tests, Meter.unlimited())))
        .isEqualTo(expected);
  }

  private static Set<List<Integer>> vectors(TextAtoms atoms) {
    Set<List<Integer>> vectors = new HashSet<>();
    for (Atom<String> atom : atoms.atoms()) {
      assertThat(vectors.add(Arrays.stream(atom.patterns()).boxed().toList())).isTrue();
      assertThat(atoms.indexOf(atom.value())).isGreaterThanOrEqualTo(0);
    }
    return vectors;
  }

  /** Each way to match some and not the others that a text of the domain has. */
  private static void satisfiable(
      Automaton texts, List<Both> tests, int at, List<Integer> matched, Set<List<Integer>> found) {
    if (BasicOperations.isEmpty(texts)) {
      return;
    }
    if (at == tests.size()) {
      found.add(matched);
      return;
    }
    Automaton test = tests.get(at).automaton();
    List<Integer> more = new ArrayList<>(matched);
    more.add(at);
    satisfiable(texts.intersection(test), tests, at + 1, List.copyOf(more), found);
    satisfiable(texts.minus(test), tests, at + 1, matched, found);
  }

  private static Both identityTest(Random random) {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    String other = NAMES.get(random.nextInt(NAMES.size()));
    return switch (random.nextInt(7)) {
      case 0 -> {
        String text = "spiffe://" + name + "/ns/" + other + "/sa/" + name;
        yield both(new StringMatch.Exact(text, false), BasicAutomata.makeString(text));
      }
      case 1 -> {
        String text = "spiffe://" + name + "/ns/" + other;
        yield both(
            new StringMatch.Prefix(text, false),
            BasicAutomata.makeString(text).concatenate(BasicAutomata.makeAnyString()));
      }
      case 2 ->
          both(
              new StringMatch.Suffix(name, false),
              BasicAutomata.makeAnyString().concatenate(BasicAutomata.makeString(name)));
      case 3 ->
          both(
              new StringMatch.Contains(name, false),
              BasicAutomata.makeAnyString()
                  .concatenate(BasicAutomata.makeString(name))
                  .concatenate(BasicAutomata.makeAnyString()));
      case 4 ->
          both(
              new StringMatch.Regex(Pattern.compile(".*/ns/" + name + ".*/.*")),
              new RegExp(".*/ns/" + name.replace("-", "\\-") + ".*/.*").toAutomaton());
      case 5 ->
          both(
              new StringMatch.Regex(
                  Pattern.compile("spiffe://.+/ns/" + name + "/(.+/|)sa/" + other + "(/.+)?")),
              new RegExp(
                      ("spiffe://.+/ns/" + name + "/(.+/|())sa/" + other + "(/.+)?")
                          .replace("-", "\\-"))
                  .toAutomaton());
      default ->
          both(
              new StringMatch.Regex(Pattern.compile("spiffe://[^/]*" + name + "/.*")),
              new RegExp("spiffe://[^/]*" + name.replace("-", "\\-") + "/.*").toAutomaton());
    };
  }

  private static Both both(StringMatch match, Automaton automaton) {
    return new Both(new FieldTest.Text(match), automaton);
  }

  /**
   * With exact texts, beginnings and ends alone, the texts "beginning, a character that none of
   * them has, end" and the exact ones show every way to match.
   */
  @Property(tries = 300)
  void byASmallModel(@ForAll long seed) {
    Random random = new Random(seed);
    List<String> texts = List.of("", "GET", "G", "ET", "POST", "GETGET", "T", "OS", "PO");
    List<FieldTest> tests = new ArrayList<>();
    Set<String> starts = new HashSet<>(Set.of(""));
    Set<String> ends = new HashSet<>(Set.of(""));
    Set<String> candidates = new HashSet<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      String text = texts.get(random.nextInt(texts.size()));
      switch (random.nextInt(3)) {
        case 0 -> {
          candidates.add(text);
          tests.add(new FieldTest.Text(new StringMatch.Exact(text, false)));
        }
        case 1 -> {
          starts.add(text);
          tests.add(new FieldTest.Text(new StringMatch.Prefix(text, false)));
        }
        default -> {
          ends.add(text);
          tests.add(new FieldTest.Text(new StringMatch.Suffix(text, false)));
        }
      }
    }
    for (String start : starts) {
      for (String end : ends) {
        candidates.add(start + "x" + end);
        for (int overlap = 0; overlap <= Math.min(start.length(), end.length()); overlap++) {
          if (end.startsWith(start.substring(start.length() - overlap))) {
            candidates.add(start + end.substring(overlap));
          }
        }
      }
    }
    candidates.remove("");
    List<FieldTest> distinct = List.copyOf(new java.util.LinkedHashSet<>(tests));
    Set<List<Integer>> expected = new HashSet<>();
    for (String candidate : candidates) {
      List<Integer> matched = new ArrayList<>();
      for (int i = 0; i < distinct.size(); i++) {
        if (((FieldTest.Text) distinct.get(i)).match().matches(candidate)) {
          matched.add(i);
        }
      }
      expected.add(matched);
    }
    assertThat(vectors(new Atomizer().texts(Domains.METHOD, distinct, Meter.unlimited())))
        .isEqualTo(expected);
  }
}
