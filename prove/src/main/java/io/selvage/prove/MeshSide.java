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
  private static final EffectivePeerAuthentication NO_PROXY = always(Mode.DISABLE);
  private static final EffectivePeerAuthentication ANY_CALLER = always(Mode.PERMISSIVE);
  private static final EffectivePeerAuthentication TUNNEL = always(Mode.STRICT);

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

  private static EffectivePeerAuthentication always(Mode mode) {
    return new EffectivePeerAuthentication(mode, Scope.DEFAULT, Optional.empty());
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
        unmodelled(snapshot, targeted, workload));
  }

  /** Why what is enforced on a workload can't be told; empty when it can. */
  private static Optional<String> unmodelled(
      MeshSnapshot snapshot, TargetedPolicies targeted, ProvedWorkload workload) {
    return switch (workload.enforcer()) {
      case ZTUNNEL ->
          Optional.of(
              "its connections go through ztunnel (ambient), which reads policies otherwise than a"
                  + " sidecar and is not modelled");
      case SIDECAR ->
          targeted
              .unmodelled()
              .or(() -> OtherSettings.severalAuthorizers(targeted.policies()))
              .or(() -> OtherSettings.ingress(snapshot, workload));
      case GATEWAY, WAYPOINT ->
          targeted.unmodelled().or(() -> OtherSettings.severalAuthorizers(targeted.policies()));
      case NONE -> Optional.empty();
    };
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
    if (!workload.enforced() || !workload.declaresProtocols()) {
      return EnumSet.allOf(Protocol.class);
    }
    Set<Protocol> all = EnumSet.noneOf(Protocol.class);
    boolean declared = false;
    for (Port port : workload.ports()) {
      if (port.number() == number) {
        declared = true;
        all.addAll(protocols(port.protocol()));
      }
    }
    return declared ? all : EnumSet.allOf(Protocol.class);
  }

  /** Which protocols callers of a port can speak that is declared so. */
  static Set<Protocol> protocols(PortProtocol declared) {
    return switch (declared) {
      case HTTP, HTTP2, GRPC, GRPC_WEB -> EnumSet.of(Protocol.HTTP);
      case HTTPS, TLS, TCP, UDP -> EnumSet.of(Protocol.TCP);
      case UNSPECIFIED -> EnumSet.allOf(Protocol.class);
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
        workload.enforcer(),
        on.unmodelled(),
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
    return switch (workload.enforcer()) {
      case SIDECAR, ZTUNNEL ->
          mesh.snapshotOf(workload).effectivePeerAuthentication(workload.view(), place.number());
      case GATEWAY -> ANY_CALLER;
      case WAYPOINT -> TUNNEL;
      case NONE -> NO_PROXY;
    };
  }
}
