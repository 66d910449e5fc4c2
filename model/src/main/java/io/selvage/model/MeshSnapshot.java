package io.selvage.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All configuration of a mesh at one moment: immutable, indexed, and with the questions that
 * Istio's rules of selection answer.
 *
 * <p>Of two resources with one kind, namespace and name the first is used and the second is a
 * {@link Problem}.
 */
public final class MeshSnapshot {

  /** A mesh with nothing in it, at generation 0. */
  public static final MeshSnapshot EMPTY = of(0, List.of(), List.of());

  private final long generation;
  private final List<Resource> resources;
  private final List<Problem> problems;
  private final MeshConfig meshConfig;
  private final ResourceIndex index;
  private final PeerAuthenticationIndex peerAuthentications;
  private final DestinationRuleIndex destinationRules;

  private MeshSnapshot(long generation, List<Resource> resources, List<Problem> problems) {
    this.generation = generation;
    this.resources = List.copyOf(resources);
    this.index = new ResourceIndex(resources);
    this.meshConfig = index.all(MeshConfig.class).stream().findFirst().orElse(MeshConfig.DEFAULTS);
    this.peerAuthentications = new PeerAuthenticationIndex(index, meshConfig.rootNamespace());
    this.destinationRules = new DestinationRuleIndex(index, meshConfig.rootNamespace());
    List<Problem> all = new ArrayList<>(problems);
    all.addAll(SnapshotChecks.of(this));
    this.problems = List.copyOf(all);
  }

  /**
   * Builds a snapshot.
   *
   * @param generation larger than that of every earlier snapshot of the same mesh
   * @param problems those found while reading; the ones between resources are added
   */
  public static MeshSnapshot of(
      long generation, Collection<? extends Resource> resources, Collection<Problem> problems) {
    List<Problem> all = new ArrayList<>(problems);
    return new MeshSnapshot(generation, Duplicates.removed(resources, all), all);
  }

  public long generation() {
    return generation;
  }

  /** Every resource, in the order given. */
  public List<Resource> resources() {
    return resources;
  }

  /** What is wrong with the documents that were read, and between the resources. */
  public List<Problem> problems() {
    return problems;
  }

  /** The mesh's settings; {@link MeshConfig#DEFAULTS} when none were given. */
  public MeshConfig meshConfig() {
    return meshConfig;
  }

  /** All resources of a kind, by namespace, then the oldest first. */
  public <T extends Resource> List<T> all(Class<T> kind) {
    return index.all(kind);
  }

  /** The resources of a kind in a namespace, the oldest first. */
  public <T extends Resource> List<T> in(String namespace, Class<T> kind) {
    return index.in(namespace, kind);
  }

  /**
   * All ServiceEntries in the order in which they own their hosts, the oldest first: a new one
   * takes no host away.
   */
  public List<ServiceEntry> serviceEntriesByOwnership() {
    return index.serviceEntriesByOwnership();
  }

  public <T extends Resource> Optional<T> find(Class<T> kind, String namespace, String name) {
    return index.find(kind, namespace, name);
  }

  /**
   * The policies of all actions that a sidecar enforces: of the root namespace, then of its own,
   * that select the workload. Policies with {@code targetRefs} are never among them.
   */
  public List<AuthorizationPolicy> authorizationPoliciesFor(WorkloadView workload) {
    return inRootAndOwn(workload, AuthorizationPolicy.class).stream()
        .filter(p -> p.targetRefs().isEmpty() && selects(p.selector(), workload))
        .toList();
  }

  /**
   * The RequestAuthentications of a sidecar, those of its own namespace first; their rules are to
   * be merged, and of two for one issuer the first decides what becomes of the token.
   */
  public List<RequestAuthentication> requestAuthenticationsFor(WorkloadView workload) {
    List<RequestAuthentication> all = inRootAndOwn(workload, RequestAuthentication.class);
    return Stream.concat(
            all.stream().filter(p -> p.meta().namespace().equals(workload.namespace())),
            all.stream().filter(p -> !p.meta().namespace().equals(workload.namespace())))
        .filter(p -> p.targetRefs().isEmpty() && selects(p.selector(), workload))
        .toList();
  }

  /**
   * What a port accepts.
   *
   * @param port the workload's own, not the service's
   */
  public EffectivePeerAuthentication effectivePeerAuthentication(WorkloadView workload, int port) {
    return peerAuthentications.effective(workload, port);
  }

  /** The rule that clients of a namespace, of no particular labels, use for a host. */
  public Optional<DestinationRule> destinationRuleFor(String host, String clientNamespace) {
    return destinationRuleFor(host, new WorkloadView(clientNamespace, Map.of()));
  }

  /** The rule that a client uses for a host; a host without dots is of the client's namespace. */
  public Optional<DestinationRule> destinationRuleFor(String host, WorkloadView client) {
    return destinationRules.lookUp(host, client);
  }

  /**
   * The Sidecar of a workload, as an istiod chooses it: the oldest of its namespace that selects it
   * by a {@code workloadSelector}, else the oldest without one, else that of the root namespace. It
   * is for sidecars alone, never for gateways.
   */
  public Optional<Sidecar> sidecarFor(WorkloadView workload) {
    List<Sidecar> own = index.in(workload.namespace(), Sidecar.class);
    return own.stream()
        .filter(
            one -> one.workloadSelector().filter(of -> of.matches(workload.labels())).isPresent())
        .findFirst()
        .or(() -> ofAll(own))
        .or(() -> ofAll(index.in(meshConfig.rootNamespace(), Sidecar.class)));
  }

  private static Optional<Sidecar> ofAll(List<Sidecar> sidecars) {
    return sidecars.stream().filter(one -> one.workloadSelector().isEmpty()).findFirst();
  }

  private <T extends Resource> List<T> inRootAndOwn(WorkloadView workload, Class<T> kind) {
    List<T> found = new ArrayList<>(index.in(meshConfig.rootNamespace(), kind));
    if (!workload.namespace().equals(meshConfig.rootNamespace())) {
      found.addAll(index.in(workload.namespace(), kind));
    }
    return found;
  }

  private static boolean selects(Optional<WorkloadSelector> selector, WorkloadView workload) {
    return selector.isEmpty() || selector.get().matches(workload.labels());
  }

  @Override
  public String toString() {
    return "MeshSnapshot[generation=%d, %d resources, %d problems]"
        .formatted(generation, resources.size(), problems.size());
  }
}
