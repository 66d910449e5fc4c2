package io.selvage.control;

import io.selvage.control.generate.GrpcInbound;
import io.selvage.control.generate.GrpcResources;
import io.selvage.control.generate.Inbound;
import io.selvage.control.generate.MeshState;
import io.selvage.control.generate.PolicyTranslation;
import io.selvage.control.generate.ProxyNode;
import io.selvage.control.generate.ProxyResources;
import io.selvage.control.generate.ResourceGenerator;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.xds.XdsType;
import io.selvage.xds.server.NodeId;
import io.selvage.xds.server.NodeIdentity;
import io.selvage.xds.server.NodeSnapshot;
import io.selvage.xds.server.ResourceSource;
import io.selvage.xds.server.TypeResources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every node should have, made when a node is asked for and kept until the mesh changes.
 *
 * <p>Fails closed: a workload whose policies cannot be translated keeps its last good inbound side,
 * and denies everything when it has none; a node that is no workload of this cluster, or proved to
 * be another's, gets nothing, and what this control plane gave it before is taken back.
 */
final class MeshResources implements ResourceSource {
  /** Policies that select the workload cannot be translated. */
  static final String NOT_TRANSLATED = "SLV4208";

  /** What was generated has no form in Envoy's API. */
  static final String NOT_ENCODED = "SLV7305";

  /** A proxy that is no known workload. */
  static final String UNKNOWN_NODE = "SLV7306";

  /** What was remembered turned out to be wrong. */
  static final String REMEMBERED_WRONGLY = "SLV7309";

  /** Nodes that are remembered, connected or not. */
  private static final int MAX_NODES = 20_000;

  private static final Logger LOG = LoggerFactory.getLogger(MeshResources.class);

  private PolicyTranslation translation;
  private ResourceGenerator generator;
  private Encodings encodings = new Encodings();

  /** Guards itself: who asks for what is made already does not wait for what is being made. */
  private final Map<Key, Known> nodes =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Known> eldest) {
          return size() > MAX_NODES;
        }
      };

  private Registry registry;
  private ResourceGenerator.Round round;
  private volatile long rounds = 1;
  private volatile long makings;
  private Optional<Problem> defect = Optional.empty();

  /** One node may have two streams of which one cannot read what the other is told. */
  private record Key(String id, boolean discoversPolicies) {
    static Key of(NodeId node) {
      return new Key(node.text(), Nodes.discoversPolicies(node));
    }
  }

  /** What is known of a node since it came. */
  private static final class Known {
    @Nullable Inbound good;
    @Nullable GrpcInbound grpcGood;
    volatile @Nullable Made made;
    @Nullable Found found;
    Optional<String> enforced = Optional.empty();
    long checkedIn;
    List<Problem> notes = List.of();
    Map<String, SourceLocation> rules = Map.of();
    Optional<Problem> problem = Optional.empty();

    Optional<NodeSnapshot> snapshot() {
      return Optional.ofNullable(made).map(Made::snapshot);
    }
  }

  /** Which proxy a node is, as long as these are the callers. */
  private record Found(NodeIdentity identity, Callers among, ProxyNode node) {}

  /** What a node should have, and the round in which that was found. */
  private record Made(NodeSnapshot snapshot, long round) {}

  /** The mesh and who may connect, at one moment. */
  private record Registry(MeshState state, List<WorkloadInstance> own, Callers workloads) {
    static Registry of(MeshState state, List<WorkloadInstance> own) {
      return new Registry(state, own, new Callers(own, state.services().clusters()));
    }

    /** Who may connect is looked up anew only where it may be somebody else. */
    Registry after(MeshState now, List<WorkloadInstance> fresh) {
      return fresh.equals(own) && now.services().clusters().equals(state.services().clusters())
          ? new Registry(now, own, workloads)
          : of(now, fresh);
    }
  }

  MeshResources(PolicyTranslation translation, MeshState state, List<WorkloadInstance> own) {
    this.translation = translation;
    this.generator = new ResourceGenerator(translation);
    this.round = generator.round(state);
    this.registry = Registry.of(state, own);
  }

  /** Goes over to a new state; the next question of each node is answered from it. */
  synchronized void update(MeshState state, List<WorkloadInstance> own) {
    rounds++;
    round = generator.round(state);
    registry = registry.after(state, own);
    encodings.nextRound();
  }

  /** Another number whenever a state was gone over to, or a node was told something of it. */
  long activity() {
    return rounds + makings;
  }

  /**
   * What one step of checking came to.
   *
   * @param looked how many sidecars were looked at
   * @param all whether none is left in this pass
   * @param wrong whether one had been told something else
   * @param nanos how long it took
   */
  record Checked(int looked, boolean all, boolean wrong, long nanos) {}

  /**
   * Makes inbound listeners and policies of some sidecars again, from the joined state and nothing
   * else that is remembered, and compares them with what they were told. If one was told something
   * else, all that is remembered is forgotten, so that the next question of each node is answered
   * anew.
   *
   * <p>Only those are looked at that were told something of this state, all of it in full.
   *
   * @param pass who was looked at in this one is passed over
   * @param nanos after so long nobody else is looked at
   */
  synchronized Checked check(long pass, long nanos) {
    long begun = System.nanoTime();
    ResourceGenerator.Round fresh =
        new ResourceGenerator(translation.fresh()).round(registry.state());
    Encodings encoded = new Encodings();
    int looked = 0;
    boolean all = true;
    boolean wrong = false;
    for (Known known : known()) {
      Found found = known.found;
      if (known.checkedIn >= pass || found == null || !isToldInFull(known)) {
        continue;
      }
      if (looked > 0 && System.nanoTime() - begun > nanos) {
        all = false;
        break;
      }
      looked++;
      known.checkedIn = pass;
      Optional<String> now = enforced(found.node(), fresh, encoded);
      if (now.isPresent() && !now.equals(known.enforced)) {
        forget(found.identity());
        all = false;
        wrong = true;
        break;
      }
    }
    return new Checked(looked, all, wrong, System.nanoTime() - begun);
  }

  /** Whether it was told something of this state, and all of it. */
  private boolean isToldInFull(Known known) {
    Made made = known.made;
    return made != null && made.round() == rounds && known.enforced.isPresent();
  }

  /** The version of what it enforces; empty when that cannot be said, which others tell of. */
  private static Optional<String> enforced(
      ProxyNode node, ResourceGenerator.Round fresh, Encodings encoded) {
    try {
      return fresh.inbound(node).map(encoded::enforced);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private synchronized void forget(NodeIdentity wronged) {
    String message =
        "what %s was told to enforce is not what is made of the same mesh now; all is made anew"
            .formatted(wronged.node().text());
    LOG.error("{} {}", REMEMBERED_WRONGLY, message);
    defect = Optional.of(Problem.error(REMEMBERED_WRONGLY, SourceLocation.UNKNOWN, "", message));
    translation = translation.fresh();
    generator = new ResourceGenerator(translation);
    encodings = new Encodings();
    round = generator.round(registry.state());
    rounds++;
  }

  /** The state that nodes are answered from. */
  synchronized MeshState state() {
    return registry.state();
  }

  @Override
  public NodeSnapshot snapshot(NodeIdentity identity) {
    Known known;
    synchronized (nodes) {
      known = nodes.computeIfAbsent(Key.of(identity.node()), id -> new Known());
    }
    Made made = known.made;
    return made != null && made.round() == rounds ? made.snapshot() : made(identity, known);
  }

  private synchronized NodeSnapshot made(NodeIdentity identity, Known known) {
    Made made = known.made;
    if (made == null || made.round() != rounds) {
      made = new Made(make(identity, known), rounds);
      known.made = made;
      makings++;
    }
    return made.snapshot();
  }

  private NodeSnapshot make(NodeIdentity identity, Known known) {
    known.problem = Optional.empty();
    known.enforced = Optional.empty();
    known.notes = List.of();
    known.rules = Map.of();
    Optional<ProxyNode> node = node(identity, known);
    if (node.isEmpty()) {
      refuse(known, UNKNOWN_NODE, Nodes.refusal(identity));
      return orNothing(identity, known);
    }
    return Nodes.isGrpc(identity)
        ? grpc(identity, node.get(), known)
        : proxy(identity, node.get(), known);
  }

  /** A change of policy asks for a thousand nodes who they are, and none is another by it. */
  private Optional<ProxyNode> node(NodeIdentity identity, Known known) {
    Callers callers = registry.workloads();
    Found found = known.found;
    if (found != null && found.among() == callers && found.identity().equals(identity)) {
      return Optional.of(found.node());
    }
    Optional<ProxyNode> node = Nodes.of(identity, callers, registry.state().snapshot());
    known.found =
        callers.of(identity.node()).isEmpty()
            ? null
            : node.map(is -> new Found(identity, callers, is)).orElse(null);
    return node;
  }

  private NodeSnapshot proxy(NodeIdentity identity, ProxyNode node, Known known) {
    return encoded(identity, known, () -> resources(identity, node, known));
  }

  private Map<XdsType, TypeResources> resources(
      NodeIdentity identity, ProxyNode node, Known known) {
    ProxyResources resources = round.resources(node);
    if (resources.failure().isPresent()) {
      Inbound good = known.good;
      refuseUntranslated(identity, known, resources.failure().get(), good == null);
      resources = good == null ? resources : resources.keeping(good);
    } else {
      known.good = resources.inbound();
    }
    known.notes = resources.problems();
    known.rules = resources.rules();
    Map<XdsType, TypeResources> told =
        encodings.of(resources, known.snapshot().orElse(NodeSnapshot.EMPTY));
    if (known.problem.isEmpty() && node.kind() == ProxyNode.Kind.SIDECAR) {
      known.enforced =
          Optional.of(
              encodings.enforced(
                  resources.inbound(), told.getOrDefault(XdsType.EXTENSION, TypeResources.NONE)));
    }
    return told;
  }

  private NodeSnapshot grpc(NodeIdentity identity, ProxyNode node, Known known) {
    GrpcResources resources = round.grpc(node);
    if (resources.failure().isPresent()) {
      GrpcInbound good = known.grpcGood;
      refuseUntranslated(identity, known, resources.failure().get(), good == null);
      resources = good == null ? resources : resources.keeping(good);
    } else {
      known.grpcGood = resources.inbound();
    }
    known.notes = resources.problems();
    known.rules = resources.rules();
    GrpcResources made = resources;
    return encoded(identity, known, () -> encodings.of(made));
  }

  private static void refuseUntranslated(
      NodeIdentity identity, Known known, String why, boolean denied) {
    refuse(
        known,
        NOT_TRANSLATED,
        "the policies of %s cannot be translated (%s); %s"
            .formatted(
                identity.node().text(),
                why,
                denied ? "everything is denied" : "what was in force before stays"));
  }

  private static NodeSnapshot encoded(
      NodeIdentity identity, Known known, Supplier<Map<XdsType, TypeResources>> encoding) {
    try {
      return new NodeSnapshot(encoding.get());
    } catch (IllegalArgumentException e) {
      refuse(
          known,
          NOT_ENCODED,
          "what %s should have cannot be said in xDS: %s; it keeps what it has"
              .formatted(identity.node().text(), e.getMessage()));
      return known.snapshot().orElse(NodeSnapshot.UNKNOWN);
    } catch (RuntimeException e) {
      LOG.error("{} is told nothing new", identity.node().text(), e);
      refuse(
          known,
          NOT_ENCODED,
          "what %s should have cannot be made: %s, a defect; it keeps what it has"
              .formatted(identity.node().text(), e));
      return known.snapshot().orElse(NodeSnapshot.UNKNOWN);
    }
  }

  /**
   * Who proved to be another than the workload of its name has nothing to keep, and what this
   * control plane gave a node is taken back when its workload goes. What a node brings from an
   * earlier control plane stays: its workload may be about to be registered.
   */
  private NodeSnapshot orNothing(NodeIdentity identity, Known known) {
    boolean hadSome = known.snapshot().filter(NodeSnapshot::isKnown).isPresent();
    boolean isAnothers = Nodes.isTaken(identity, registry.workloads(), registry.state().snapshot());
    return hadSome || isAnothers ? NodeSnapshot.EMPTY : NodeSnapshot.UNKNOWN;
  }

  private List<Known> known() {
    synchronized (nodes) {
      return List.copyOf(nodes.values());
    }
  }

  private static void refuse(Known known, String code, String message) {
    LOG.warn("{} {}", code, message);
    known.problem = Optional.of(Problem.error(code, SourceLocation.UNKNOWN, "", message));
  }

  /** What keeps nodes from getting what they should. */
  synchronized List<Problem> problems() {
    List<Problem> problems = new ArrayList<>(defect.stream().toList());
    for (Known known : known()) {
      known.problem.ifPresent(problems::add);
      problems.addAll(known.notes);
    }
    return problems.stream().distinct().toList();
  }

  /** Where each rule that some proxy enforces is written, by rule id. */
  synchronized Map<String, SourceLocation> rules() {
    Map<String, SourceLocation> rules = new TreeMap<>();
    for (Known known : known()) {
      rules.putAll(known.rules);
    }
    return rules;
  }

  /** The version of the secrets that nodes should hold now; empty when there are no roots. */
  synchronized Optional<String> secretsVersion() {
    return encodings.secretsVersion(round.roots());
  }

  /** The resources of the types that a node has, for tests. */
  synchronized Map<XdsType, Integer> counts(NodeIdentity identity) {
    Map<XdsType, Integer> counts = new TreeMap<>();
    snapshot(identity).types().forEach((type, of) -> counts.put(type, of.size()));
    return counts;
  }
}
