package io.selvage.prove;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.EffectivePeerAuthentication.Scope;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.PathNormalizer;
import io.selvage.policy.TranslatedAuthorization;
import io.selvage.prove.atom.Atomizer;
import io.selvage.prove.atom.Domains;
import io.selvage.prove.diagram.Diagrams;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Issuer;
import io.selvage.prove.encode.Meaning;
import io.selvage.prove.encode.Side;
import io.selvage.prove.encode.Space;
import io.selvage.prove.encode.VariableMaker;
import io.selvage.prove.encode.World;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * For random trees of every form and random requests (not only those that diagrams show), the
 * diagram says what the evaluators decide; and what it shows is decided as it says.
 */
class DiagramEqualsEvaluatorTest {
  private static final int REQUESTS = 50;

  /** {@code selvage.fuzz.requests} for a long run, {@code selvage.fuzz.seed} to repeat one. */
  private static final int TOTAL = Integer.getInteger("selvage.fuzz.requests", 100_000);

  private static final long SEED = Long.getLong("selvage.fuzz.seed", new Random().nextLong());

  @Test
  void onRandomTrees() {
    for (int i = 0; i < TOTAL / REQUESTS; i++) {
      long seed = SEED + i;
      try {
        compare(seed, new Meaning(), REQUESTS);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /** One random tree, and requests. */
  static void compare(long seed, Meaning meaning, int requests) {
    Random random = new Random(seed);
    Enforced enforced = enforced(random);
    Protocol asked = enforced.spoken().orElseThrow();
    boolean anyIdentity = random.nextBoolean();
    Side side = enforced.side(meaning);
    Formula allowed = side.allowed(true);
    World world =
        new World(
            asked,
            anyIdentity ? Domains.SPIFFE_IDENTITY : Domains.ISTIO_IDENTITY,
            Optional.empty(),
            PathNormalizer.BASE,
            false,
            enforced.issuers().isEmpty() ? Set.of() : Set.of("x", "y"),
            Formula.Constant.TRUE);
    Space space =
        Space.of(List.of(allowed), world, new VariableMaker(new Atomizer()), Meter.unlimited());
    Diagrams diagrams = space.diagrams();
    int set = space.encode(allowed);
    CompiledAuthorization compiled = enforced.compiled();
    Locator locator = new Locator(space);
    RandomRequests generator = new RandomRequests(random);
    for (int i = 0; i < requests; i++) {
      SampleRequest request =
          generator.request(asked, enforced.port(), anyIdentity, List.copyOf(world.issuers()));
      Map<String, Boolean> agreement = Map.of("ext", random.nextBoolean());
      int[] values = locator.values(request, agreement);
      assertThat(diagrams.has(space.possible(), values)).as("possible: %s", request).isTrue();
      assertThat(diagrams.has(set, values))
          .as("%s on %s", request, enforced.translated().authorization())
          .isEqualTo(Replay.allows(enforced, compiled, request, agreement));
    }
    shows(space, enforced, diagrams.and(set, space.possible()), true);
    shows(space, enforced, diagrams.without(space.possible(), set), false);
  }

  private static void shows(Space space, Enforced enforced, int set, boolean allowed) {
    if (set == Diagrams.NONE) {
      return;
    }
    Place place =
        new Place(
            Fixtures.LEDGER, Optional.empty(), enforced.port(), false, space.world().protocol());
    Sampler.Sample sample =
        new Sampler(space, place, new KnownCallers(space, RandomMatchers.PRINCIPALS)).cheapest(set);
    assertThat(Replay.allows(enforced, enforced.compiled(), sample.request(), sample.agreement()))
        .as("%s", sample)
        .isEqualTo(allowed);
    assertThat(sample.request().path().isEmpty() || RandomRequests.isPath(sample.request().path()))
        .as("sendable: %s", sample)
        .isTrue();
    assertThat(new Locator(space).values(sample.request(), sample.agreement()))
        .as("where it comes from: %s", sample)
        .satisfies(values -> assertThat(space.diagrams().has(set, values)).isTrue());
  }

  private static Enforced enforced(Random random) {
    boolean http = random.nextInt(5) > 0;
    List<Issuer> issuers =
        http && random.nextInt(3) > 0
            ? List.of(
                new Issuer("x", random.nextBoolean() ? List.of() : List.of("y", "https://xy/")),
                new Issuer(random.nextBoolean() ? "y" : "x", List.of("x")))
            : List.of();
    Mode[] modes = {Mode.PERMISSIVE, Mode.PERMISSIVE, Mode.STRICT, Mode.DISABLE};
    return new Enforced(
        Optional.of(http ? Protocol.HTTP : Protocol.TCP),
        new TranslatedAuthorization(
            new RandomMatchers(random).authorization(), Map.of(), List.of()),
        new EffectivePeerAuthentication(
            modes[random.nextInt(modes.length)], Scope.MESH, Optional.empty()),
        issuers,
        Set.of(),
        PathNormalizer.BASE,
        random.nextBoolean() ? 8080 : 80);
  }
}
