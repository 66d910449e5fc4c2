package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.EffectivePeerAuthentication;
import io.selvage.model.EffectivePeerAuthentication.Scope;
import io.selvage.model.MeshConfig;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.model.PortProtocol;
import io.selvage.model.RequestAuthentication;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.prove.atom.Unmodelled;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One side of a question: which policies are on which port, as the control plane decides it. For
 * one thread.
 */
final class MeshSide {
  private static final EffectivePeerAuthentication NO_PROXY =
      new EffectivePeerAuthentication(Mode.DISABLE, Scope.DEFAULT, Optional.empty());

  /** No port has this number, also not 0, which a policy may name. */
  private static final int NAMED_BY_NONE = -1;

  private final Mesh mesh;
  private final boolean promoteDryRun;
  private final Shapes shapes;
  private final IdentityHashMap<AuthorizationPolicy, AuthorizationPolicy> promoted =
      new IdentityHashMap<>();
  private final Map<String, OnWorkload> known = new HashMap<>();

  /** What holds for all ports of a workload. */
  private record OnWorkload(
      List<AuthorizationPolicy> policies,
      List<Integer> policyShapes,
      List<RequestAuthentication> tokens,
      List<Integer> tokenShapes,
      Set<Integer> named,
      Set<Integer> namedByPolicy,
      Optional<String> unmodelled) {}

  MeshSide(Mesh mesh, boolean promoteDryRun, Shapes shapes) {
    this.mesh = mesh;
    this.promoteDryRun = promoteDryRun;
    this.shapes = shapes;
  }

  Mesh mesh() {
    return mesh;
  }

  private synchronized OnWorkload on(ProvedWorkload workload) {
    return known.computeIfAbsent(workload.qualifiedName(), _ -> found(workload));
  }

  private OnWorkload found(ProvedWorkload workload) {
    if (!workload.enforced()) {
      return new OnWorkload(
          List.of(), List.of(), List.of(), List.of(), Set.of(), Set.of(), Optional.empty());
    }
    MeshSnapshot snapshot = mesh.snapshotOf(workload);
    TargetedPolicies targeted = TargetedPolicies.of(snapshot, workload);
    List<AuthorizationPolicy> policies = targeted.policies().stream().map(this::promoted).toList();
    List<RequestAuthentication> tokens = targeted.tokens();
    Set<Integer> byPolicy = new TreeSet<>();
    policies.forEach(policy -> byPolicy.addAll(shapes.portsNamedBy(policy)));
    Set<Integer> named = new TreeSet<>(byPolicy);
    snapshot.in(workload.namespace(), PeerAuthentication.class).stream()
        .filter(PeerAuthentication::selectsSome)
        .filter(peer -> peer.selector().orElseThrow().matches(workload.labels()))
        .forEach(peer -> named.addAll(peer.portLevel().keySet()));
    return new OnWorkload(
        policies,
        targeted.shapes(policy -> shapes.of(promoted(policy))),
        tokens,
        tokens.stream().map(shapes::of).toList(),
        named,
        byPolicy,
        targeted.unmodelled());
  }

  /**
   * To be called before anything is said of a workload.
   *
   * @throws Unmodelled when its proxy enforces what can't be decided
   */
  void refuseUnmodelled(ProvedWorkload workload) {
    on(workload)
        .unmodelled()
        .ifPresent(
            why -> {
              throw new Unmodelled(why);
            });
  }

  private AuthorizationPolicy promoted(AuthorizationPolicy policy) {
    if (!promoteDryRun || !policy.dryRun()) {
      return policy;
    }
    return promoted.computeIfAbsent(
        policy,
        _ ->
            new AuthorizationPolicy(
                policy.meta(),
                policy.selector(),
                policy.targetRefs(),
                policy.action(),
                policy.rules(),
                policy.provider(),
                false));
  }

  /** Ports that policies of the workload name, or PeerAuthentications. */
  Set<Integer> namedPorts(ProvedWorkload workload) {
    return on(workload).named();
  }

  List<AuthorizationPolicy> policies(ProvedWorkload workload) {
    return on(workload).policies();
  }

  List<RequestAuthentication> tokens(ProvedWorkload workload) {
    return on(workload).tokens();
  }

  /** Which protocols callers of a port can speak; a TCP port takes HTTP for bytes, too. */
  static Set<Protocol> protocols(ProvedWorkload workload, int number) {
    Set<Protocol> all = EnumSet.noneOf(Protocol.class);
    boolean declared = false;
    for (Port port : workload.ports()) {
      if (port.number() == number) {
        declared = true;
        switch (kind(port.protocol())) {
          case Optional<Protocol> one when one.isPresent() -> all.add(one.get());
          case Optional<Protocol> _ -> all.addAll(EnumSet.allOf(Protocol.class));
        }
      }
    }
    return declared && workload.enforced() ? all : EnumSet.allOf(Protocol.class);
  }

  private static Optional<Protocol> kind(PortProtocol protocol) {
    return switch (protocol) {
      case HTTP, HTTP2, GRPC, GRPC_WEB -> Optional.of(Protocol.HTTP);
      case HTTPS, TLS, TCP, UDP -> Optional.of(Protocol.TCP);
      case UNSPECIFIED -> Optional.empty();
    };
  }

  /** The protocol that the workload's proxy sees callers of {@code asked} speak. */
  private static Optional<Protocol> spoken(ProvedWorkload workload, Place place) {
    Set<Protocol> all = protocols(workload, place.number());
    if (all.contains(place.protocol())) {
      return Optional.of(place.protocol());
    }
    return place.protocol() == Protocol.HTTP ? Optional.of(Protocol.TCP) : Optional.empty();
  }

  SideKey key(ProvedWorkload workload, Place place) {
    OnWorkload on = on(workload);
    Optional<Protocol> spoken = spoken(workload, place);
    boolean http = spoken.equals(Optional.of(Protocol.HTTP));
    return new SideKey(
        spoken,
        on.policyShapes(),
        shapes.of(config(workload)),
        peer(workload, place).mode(),
        http ? on.tokenShapes() : List.of(),
        on.namedByPolicy().contains(place.number()) ? place.number() : NAMED_BY_NONE);
  }

  Enforced enforced(ProvedWorkload workload, Place place) {
    OnWorkload on = on(workload);
    return Enforced.of(
        spoken(workload, place),
        on.policies(),
        on.tokens(),
        config(workload),
        peer(workload, place),
        place.number());
  }

  private MeshConfig config(ProvedWorkload workload) {
    return mesh.snapshotOf(workload).meshConfig();
  }

  /** A port that PeerAuthentications don't name is as good as any other such. */
  private EffectivePeerAuthentication peer(ProvedWorkload workload, Place place) {
    return workload.enforced()
        ? mesh.snapshotOf(workload).effectivePeerAuthentication(workload.view(), place.number())
        : NO_PROXY;
  }
}
