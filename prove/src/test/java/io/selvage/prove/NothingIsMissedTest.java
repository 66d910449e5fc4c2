package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.PathNormalizer;
import io.selvage.prove.atom.Atomizer;
import io.selvage.prove.atom.Domains;
import io.selvage.prove.atom.FieldTest;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Issuer;
import io.selvage.prove.encode.Meaning;
import io.selvage.prove.encode.Side;
import io.selvage.prove.encode.Space;
import io.selvage.prove.encode.Variable;
import io.selvage.prove.encode.VariableMaker;
import io.selvage.prove.encode.World;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import jdd.bdd.BDD;
import org.junit.jupiter.api.Test;

/**
 * "There is none" is what a replay can't show: so on small spaces all requests are looked at one by
 * one, and on all spaces another library's binary diagrams count them.
 */
class NothingIsMissedTest {
  private static final int MOST = 20_000;
  private static final long SEED = Long.getLong("selvage.fuzz.seed", new Random().nextLong());

  /** The change between two random authorizations. */
  private record Two(Space space, Formula formula) {
    static Two of(long seed) {
      Random random = new Random(seed);
      RandomMatchers matchers = new RandomMatchers(random);
      Formula was = allowed(matchers.authorization());
      Formula is = allowed(matchers.authorization());
      Formula change = Formula.all(List.of(is, Formula.not(was)));
      World world =
          new World(
              Protocol.HTTP,
              Domains.ISTIO_IDENTITY,
              Optional.empty(),
              PathNormalizer.BASE,
              false,
              Set.of("x", "y"),
              Formula.Constant.TRUE);
      return new Two(
          Space.of(List.of(change), world, new VariableMaker(new Atomizer()), Meter.unlimited()),
          change);
    }

    private static Formula allowed(Authorization authorization) {
      return Side.of(
              authorization,
              io.selvage.model.PeerAuthentication.Mode.PERMISSIVE,
              List.of(new Issuer("x", List.of())),
              new Meaning.Context(Protocol.HTTP, 8080, true),
              new Meaning())
          .allowed(true);
    }
  }

  @Test
  void enumeratedOneByOne() {
    int small = 0;
    for (long seed = SEED; small < 150; seed++) {
      Two two = Two.of(seed);
      Space space = two.space();
      long size = size(space.diagrams());
      if (size > MOST) {
        continue;
      }
      small++;
      int set = space.encode(two.formula());
      int[] values = new int[space.diagrams().levels()];
      for (long i = 0; i < size; i++) {
        assertThat(space.diagrams().has(set, values))
            .as("seed %d, %s", seed, Arrays.toString(values))
            .isEqualTo(holds(space, two.formula(), values));
        next(space.diagrams(), values);
      }
    }
  }

  private static long size(Diagrams diagrams) {
    double size = 1;
    for (int level = 0; level < diagrams.levels(); level++) {
      size *= diagrams.size(level);
    }
    return size > Long.MAX_VALUE / 2.0 ? Long.MAX_VALUE : (long) size;
  }

  private static void next(Diagrams diagrams, int[] values) {
    for (int level = 0; level < values.length; level++) {
      if (++values[level] < diagrams.size(level)) {
        return;
      }
      values[level] = 0;
    }
  }

  private static boolean holds(Space space, Formula formula, int[] values) {
    return switch (formula) {
      case Formula.Constant constant -> constant == Formula.Constant.TRUE;
      case Formula.And(var parts) -> parts.stream().allMatch(part -> holds(space, part, values));
      case Formula.Or(var parts) -> parts.stream().anyMatch(part -> holds(space, part, values));
      case Formula.Not(var part) -> !holds(space, part, values);
      case Formula.Test(Field field, FieldTest test) -> {
        Variable variable = variable(space, field);
        int id = variable.tests().indexOf(test);
        if (variable instanceof Variable.Elements elements) {
          boolean any = false;
          for (int i = 0; i < elements.atoms().size(); i++) {
            any |= values[elements.level() + i] == 1 && has(elements.atoms().get(i).patterns(), id);
          }
          yield any;
        }
        int atom = values[variable.level()] - variable.offset();
        yield atom >= 0 && has(variable.patterns().get(atom), id);
      }
      case Formula.Present(Field field) -> values[variable(space, field).level()] != 0;
    };
  }

  private static Variable variable(Space space, Field field) {
    return Objects.requireNonNull(space.variable(field));
  }

  private static boolean has(int[] patterns, int id) {
    return Arrays.binarySearch(patterns, id) >= 0;
  }

  @Test
  void countedByAnotherLibrary() {
    int empty = 0;
    for (int i = 0; i < 400; i++) {
      Two two = Two.of(SEED + i);
      Space space = two.space();
      int set = space.encode(two.formula());
      Binary binary = new Binary(space.diagrams());
      int other = binary.of(space, two.formula());
      assertThat(binary.count(other))
          .as("seed %d", SEED + i)
          .isEqualTo(count(space.diagrams(), set, 0, new HashMap<>()));
      assertThat(binary.isEmpty(other)).isEqualTo(set == Diagrams.NONE);
      empty += set == Diagrams.NONE ? 1 : 0;
    }
    assertThat(empty).as("proofs among them").isBetween(20, 380);
  }

  /** How many values from a level on are in a set. */
  private static double count(
      Diagrams diagrams, int node, int from, Map<List<Integer>, Double> known) {
    if (node == Diagrams.NONE) {
      return 0;
    }
    if (from == diagrams.levels()) {
      return 1;
    }
    List<Integer> key = List.of(node, from);
    Double counted = known.get(key);
    if (counted != null) {
      return counted;
    }
    double sum = 0;
    if (diagrams.level(node) > from) {
      sum = diagrams.size(from) * count(diagrams, node, from + 1, known);
    } else {
      int[] kids = diagrams.kids(node);
      for (int i = 0; i < kids.length; i++) {
        int width = Arrays.stream(diagrams.label(node, i)).mapToInt(Long::bitCount).sum();
        sum += width * count(diagrams, kids[i], from + 1, known);
      }
    }
    known.put(key, sum);
    return sum;
  }

  /** Values as bits of JDD's diagrams. */
  private static final class Binary {
    private final BDD bdd = new BDD(20_000, 5_000);
    private final int[][] bits;
    private final int valid;

    Binary(Diagrams diagrams) {
      this.bits = new int[diagrams.levels()][];
      int all = bdd.getOne();
      for (int level = 0; level < bits.length; level++) {
        bits[level] = new int[32 - Integer.numberOfLeadingZeros(diagrams.size(level) - 1)];
        for (int bit = 0; bit < bits[level].length; bit++) {
          bits[level][bit] = bdd.createVar();
        }
        int any = bdd.getZero();
        for (int value = 0; value < diagrams.size(level); value++) {
          any = kept(bdd.or(any, value(level, value)));
        }
        all = kept(bdd.and(all, any));
      }
      this.valid = all;
    }

    private int kept(int node) {
      return bdd.ref(node);
    }

    private int value(int level, int value) {
      int all = bdd.getOne();
      for (int bit = 0; bit < bits[level].length; bit++) {
        int variable = bits[level][bit];
        all = kept(bdd.and(all, (value >> bit & 1) == 1 ? variable : kept(bdd.not(variable))));
      }
      return all;
    }

    int of(Space space, Formula formula) {
      return kept(bdd.and(valid, encoded(space, formula)));
    }

    private int encoded(Space space, Formula formula) {
      return switch (formula) {
        case Formula.Constant constant ->
            constant == Formula.Constant.TRUE ? bdd.getOne() : bdd.getZero();
        case Formula.And(var parts) -> {
          int all = bdd.getOne();
          for (Formula part : parts) {
            all = kept(bdd.and(all, encoded(space, part)));
          }
          yield all;
        }
        case Formula.Or(var parts) -> {
          int any = bdd.getZero();
          for (Formula part : parts) {
            any = kept(bdd.or(any, encoded(space, part)));
          }
          yield any;
        }
        case Formula.Not(var part) -> kept(bdd.not(encoded(space, part)));
        case Formula.Test(Field field, FieldTest test) -> {
          Variable variable = variable(space, field);
          int id = variable.tests().indexOf(test);
          int any = bdd.getZero();
          List<int[]> patterns = variable.patterns();
          for (int i = 0; i < patterns.size(); i++) {
            if (has(patterns.get(i), id)) {
              int one =
                  variable instanceof Variable.Elements
                      ? value(variable.level() + i, 1)
                      : value(variable.level(), i + variable.offset());
              any = kept(bdd.or(any, one));
            }
          }
          yield any;
        }
        case Formula.Present(Field field) ->
            kept(bdd.not(value(variable(space, field).level(), 0)));
      };
    }

    double count(int node) {
      return bdd.satCount(node);
    }

    boolean isEmpty(int node) {
      return node == bdd.getZero();
    }
  }
}
