package io.selvage.prove.encode;

import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.diagram.Meter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All requests that there can be at a port, as far as some statements tell them apart: fields cut
 * into atoms, and diagrams over those. For one thread.
 */
public final class Space {
  private final World world;
  private final Map<Field, Variable> variables;
  private final Diagrams diagrams;
  private final IdentityHashMap<Formula, Integer> encoded = new IdentityHashMap<>();
  private final IdentityHashMap<Variable, Map<FieldTest, long[]>> labels =
      new IdentityHashMap<>();
  private final int possible;

  private Space(World world, Map<Field, Variable> variables, Meter meter) {
    this.world = world;
    this.variables = variables;
    List<Integer> sizes = new ArrayList<>();
    for (Variable variable : variables.values()) {
      for (int size : variable.sizes()) {
        sizes.add(size);
      }
    }
    this.diagrams = new Diagrams(sizes.stream().mapToInt(Integer::intValue).toArray(), meter);
    this.possible = diagrams.and(new SideConditions(this).all(), encode(world.also()));
  }

  /** The space in which {@code statements} can be encoded. */
  public static Space of(List<Formula> statements, World world, VariableMaker maker, Meter meter) {
    return new Space(world, maker.of(statements, world, meter), meter);
  }

  public World world() {
    return world;
  }

  public Diagrams diagrams() {
    return diagrams;
  }

  /** By their order of levels. */
  public List<Variable> variables() {
    return List.copyOf(variables.values());
  }

  public @Nullable Variable variable(Field field) {
    return variables.get(field);
  }

  /** The requests that there can be; every answer is to be within them. */
  public int possible() {
    return possible;
  }

  /** The requests of which a statement is true. */
  public int encode(Formula formula) {
    Integer known = encoded.get(formula);
    if (known == null) {
      known = encodeNew(formula);
      encoded.put(formula, known);
    }
    return known;
  }

  private int encodeNew(Formula formula) {
    return switch (formula) {
      case Formula.Constant constant ->
          constant == Formula.Constant.TRUE ? Diagrams.ALL : Diagrams.NONE;
      case Formula.And(var parts) -> {
        int all = Diagrams.ALL;
        for (Formula part : parts) {
          all = diagrams.and(all, encode(part));
        }
        yield all;
      }
      case Formula.Or(var parts) -> any(parts);
      case Formula.Not(var part) -> diagrams.not(encode(part));
      case Formula.Test(Field field, FieldTest test) -> test(existing(field), test);
      case Formula.Present(Field field) -> present(existing(field));
    };
  }

  /** Tests of one field are joined as sets of values first: there may be thousands. */
  private int any(List<Formula> parts) {
    IdentityHashMap<Variable, long[]> joined = new IdentityHashMap<>();
    List<Integer> sets = new ArrayList<>();
    for (Formula part : parts) {
      if (part instanceof Formula.Test(Field field, FieldTest test)
          && !(existing(field) instanceof Variable.Elements)) {
        Variable variable = existing(field);
        long[] label = joined.computeIfAbsent(variable, v -> new long[words(v)]);
        add(label, variable, test);
      } else {
        sets.add(encode(part));
      }
    }
    joined.forEach((variable, label) -> sets.add(diagrams.of(variable.level(), label)));
    return diagrams.anyOf(sets);
  }

  private Variable existing(Field field) {
    Variable variable = variables.get(field);
    if (variable == null) {
      throw new IllegalArgumentException("not of this space: " + field);
    }
    return variable;
  }

  private static int words(Variable variable) {
    return (variable.sizes()[0] + 63) >>> 6;
  }

  private void add(long[] label, Variable variable, FieldTest test) {
    long[] more = labels.computeIfAbsent(variable, Space::labels).get(test);
    if (more == null) {
      throw new IllegalArgumentException("not of this space: " + test);
    }
    for (int i = 0; i < label.length; i++) {
      label[i] |= more[i];
    }
  }

  /** The values of a variable that satisfy each of its tests. */
  private static Map<FieldTest, long[]> labels(Variable variable) {
    List<FieldTest> tests = variable.tests();
    long[][] labels = new long[tests.size()][words(variable)];
    List<int[]> patterns = variable.patterns();
    for (int i = 0; i < patterns.size(); i++) {
      int value = i + variable.offset();
      for (int id : patterns.get(i)) {
        labels[id][value >> 6] |= 1L << (value & 63);
      }
    }
    Map<FieldTest, long[]> byTest = new HashMap<>();
    for (int id = 0; id < labels.length; id++) {
      byTest.put(tests.get(id), labels[id]);
    }
    return byTest;
  }

  static boolean has(int[] patterns, int id) {
    return java.util.Arrays.binarySearch(patterns, id) >= 0;
  }

  private int test(Variable variable, FieldTest test) {
    if (variable instanceof Variable.Elements elements) {
      int id = elements.tests().indexOf(test);
      List<Integer> sets = new ArrayList<>();
      for (int i = 0; i < elements.atoms().size(); i++) {
        if (has(elements.atoms().get(i).patterns(), id)) {
          sets.add(value(elements.level() + i, 1));
        }
      }
      return diagrams.anyOf(sets);
    }
    long[] label = new long[words(variable)];
    add(label, variable, test);
    return diagrams.of(variable.level(), label);
  }

  private int present(Variable variable) {
    return switch (variable) {
      case Variable.Text text ->
          text.optional() ? diagrams.not(value(text.level(), 0)) : Diagrams.ALL;
      case Variable.Lines lines -> diagrams.not(value(lines.level(), 0));
      case Variable.Answer answer -> value(answer.level(), 1);
      case Variable.Address _ -> Diagrams.ALL;
      case Variable.Elements elements -> {
        List<Integer> sets = new ArrayList<>();
        for (int i = 0; i < elements.atoms().size(); i++) {
          sets.add(value(elements.level() + i, 1));
        }
        yield diagrams.anyOf(sets);
      }
    };
  }

  /** The requests in which a level has one value. */
  int value(int level, int value) {
    long[] label = new long[(diagrams.size(level) + 63) >>> 6];
    label[value >> 6] |= 1L << (value & 63);
    return diagrams.of(level, label);
  }

  boolean isHttp() {
    return world.protocol() == Protocol.HTTP;
  }
}
