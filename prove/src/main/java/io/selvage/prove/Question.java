package io.selvage.prove;

import io.selvage.policy.PathNormalizer;
import io.selvage.prove.atom.Atomizer;
import io.selvage.prove.atom.Domains;
import io.selvage.prove.atom.TextDomain;
import io.selvage.prove.atom.Unmodelled;
import io.selvage.prove.diagram.Meter;
import io.selvage.prove.encode.Field;
import io.selvage.prove.encode.Formula;
import io.selvage.prove.encode.Issuer;
import io.selvage.prove.encode.Meaning;
import io.selvage.prove.encode.Space;
import io.selvage.prove.encode.VariableMaker;
import io.selvage.prove.encode.World;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What the parts of one question share: options, budget, atoms, who is in the inventory. */
final class Question {
  /** Enough for most sets of policies, in nanoseconds. */
  private static final long LITTLE = 30_000_000;

  private final Options options;
  private final Shared shared;
  private final Meaning meaning;
  private final Set<ProvedWorkload> inventory = new LinkedHashSet<>();
  private final List<String> principals;
  private final AtomicLong lost = new AtomicLong();
  private final AtomicInteger largest = new AtomicInteger();

  /** What one prover's questions share, since what changes between them is little. */
  record Shared(VariableMaker maker, Shapes shapes) {
    static Shared fresh() {
      return new Shared(new VariableMaker(new Atomizer()), new Shapes());
    }
  }

  Question(Options options, Meaning meaning, Shared shared, Mesh... meshes) {
    this.options = options;
    this.shared = shared;
    shared.shapes().tidy();
    this.meaning = meaning;
    for (Mesh mesh : meshes) {
      inventory.addAll(mesh.workloads());
    }
    this.principals =
        inventory.stream()
            .flatMap(workload -> workload.principal().stream())
            .distinct()
            .sorted()
            .toList();
  }

  Options options() {
    return options;
  }

  Meaning meaning() {
    return meaning;
  }

  Shapes shapes() {
    return shared.shapes();
  }

  List<String> principals() {
    return principals;
  }

  int largestNodes() {
    return largest.get();
  }

  /** Of one set of policies; when much time was lost already, there is little for each. */
  Meter meter() {
    Budget budget = options.budget();
    long time =
        lost.get() < budget.lost().toNanos()
            ? budget.time().toNanos()
            : Math.min(LITTLE, budget.time().toNanos());
    return new Meter(
        budget.nodes(), budget.atoms(), budget.bytes(), System.nanoTime() + time, System::nanoTime);
  }

  /** So much time went into a set of policies that was given up. */
  void lost(long nanos) {
    lost.addAndGet(nanos);
  }

  /**
   * The space of requests to a place, for statements of one or two sides.
   *
   * @param sides what is enforced; their paths are normalised alike
   */
  Space space(Place place, List<Formula> statements, List<Enforced> sides, Meter meter) {
    boolean anonymousTls = place.workload().enforcer() == Enforcer.GATEWAY;
    return space(place, statements, sides, anonymousTls, meter);
  }

  /**
   * As {@link #space}, of requests that a proxy doesn't see: TLS of any kind may be around them.
   */
  Space spaceOfBytes(Place place, List<Formula> statements, List<Enforced> sides, Meter meter) {
    return space(place, statements, sides, true, meter);
  }

  private Space space(
      Place place,
      List<Formula> statements,
      List<Enforced> sides,
      boolean anonymousTls,
      Meter meter) {
    refuseTokenHeaders(statements, sides);
    Set<String> issuers = new HashSet<>();
    sides.forEach(side -> side.issuers().stream().map(Issuer::name).forEach(issuers::add));
    List<Formula> all = new ArrayList<>(statements);
    Formula addresses = InventoryAddresses.of(options, statements, inventory);
    all.add(addresses);
    World world =
        new World(
            place.protocol(),
            identities(place.workload()),
            options.unknownIdentities()
                ? Optional.empty()
                : Optional.of(new LinkedHashSet<>(principals)),
            normalizer(sides, statements),
            anonymousTls,
            issuers,
            addresses);
    return Space.of(all, world, shared.maker(), meter);
  }

  /** Certificates that a gateway takes may be of other authorities than the mesh's. */
  private TextDomain identities(ProvedWorkload workload) {
    return switch (options.identities()) {
      case ISTIO ->
          workload.enforcer() == Enforcer.GATEWAY
              ? Domains.SPIFFE_IDENTITY
              : Domains.ISTIO_IDENTITY;
      case SPIFFE -> Domains.SPIFFE_IDENTITY;
    };
  }

  void done(Space space) {
    largest.accumulateAndGet(space.diagrams().size(), Math::max);
  }

  private static PathNormalizer normalizer(List<Enforced> sides, List<Formula> statements) {
    PathNormalizer first = sides.getFirst().normalizer();
    boolean[] ofPath = {false};
    statements.forEach(
        each -> each.visit((field, _) -> ofPath[0] |= field instanceof Field.Path, _ -> {}));
    if (ofPath[0] && sides.stream().anyMatch(side -> side.normalizer() != first)) {
      throw new Unmodelled("the two sides normalise paths differently");
    }
    return first;
  }

  /** A header that a token sets isn't the client's; how the two hang together is not modelled. */
  private static void refuseTokenHeaders(List<Formula> statements, List<Enforced> sides) {
    Set<String> set = new HashSet<>();
    sides.forEach(side -> set.addAll(side.tokenHeaders()));
    statements.forEach(
        each ->
            each.visit(
                (field, _) -> {
                  if (field instanceof Field.Header(String name) && set.contains(name)) {
                    throw new Unmodelled(
                        "a policy looks at header "
                            + name
                            + ", which a RequestAuthentication sets");
                  }
                },
                _ -> {}));
  }
}
