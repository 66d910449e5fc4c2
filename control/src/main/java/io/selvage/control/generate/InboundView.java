package io.selvage.control.generate;

import io.selvage.control.generate.InboundInput.Bound;
import io.selvage.control.generate.InboundInput.Policies;
import io.selvage.control.generate.PolicyTranslation.Translation;
import io.selvage.control.workload.InboundPort;
import io.selvage.control.workload.WorkloadInstance;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshConfig;
import io.selvage.model.PeerAuthentication;
import io.selvage.model.PeerAuthentication.Mode;
import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.model.WorkloadView;
import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a workload accepts: gathers the input of its proxy's inbound side. */
final class InboundView {
  /** No port has this number: what holds for every port that no one names. */
  private static final int NO_PORT = 0;

  /** An ALLOW that nothing matches. */
  private static final Authorization DENY_ALL =
      new Authorization(
          List.of(
              new Stage.Rbac(
                  Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                  Optional.empty())));

  private InboundView() {}

  /**
   * The input.
   *
   * @param policies that its listeners hold
   */
  static InboundInput of(MeshState state, ProxyNode node, Policies policies) {
    WorkloadInstance workload = node.workload();
    WorkloadView view = workload.view();
    List<InboundPort> ports = state.services().inboundPorts(workload);
    Map<Integer, Mode> modes = new TreeMap<>();
    for (InboundPort port : ports) {
      modes.put(port.number(), mode(state, view, port.number()));
    }
    portsNamedByPolicy(state, view)
        .forEach(port -> modes.computeIfAbsent(port, number -> mode(state, view, number)));
    return new InboundInput(
        ports,
        modes,
        mode(state, view, NO_PORT),
        policies,
        JwtFilters.of(state.snapshot().requestAuthenticationsFor(view), state.keys()),
        state.mesh(),
        node.interception() == ProxyNode.Interception.NONE
            ? Optional.of(new Bound(workload.address(), workload.apps()))
            : Optional.empty(),
        AddressFamily.of(workload.address()));
  }

  private static Mode mode(MeshState state, WorkloadView view, int port) {
    return state.snapshot().effectivePeerAuthentication(view, port).mode();
  }

  private static Set<Integer> portsNamedByPolicy(MeshState state, WorkloadView view) {
    return state.snapshot().in(view.namespace(), PeerAuthentication.class).stream()
        .filter(p -> p.selector().map(s -> s.matches(view.labels())).orElse(false))
        .flatMap(p -> p.portLevel().keySet().stream())
        .collect(Collectors.toSet());
  }

  /**
   * Everything that the translation of a workload's policies depends on.
   *
   * @param policies those that select it, root namespace first
   * @param mesh trust domains and root namespace
   * @param providers external authorizers that can be reached
   */
  record PoliciesInput(
      List<AuthorizationPolicy> policies, MeshConfig mesh, List<ExternalAuthorizer> providers) {

    static PoliciesInput of(
        MeshState state, WorkloadView view, List<ExternalAuthorizer> providers) {
      return new PoliciesInput(
          state.snapshot().authorizationPoliciesFor(view), state.mesh(), providers);
    }

    /** By names: there may be thousands of policies, and hashing what they say costs much. */
    @Override
    public int hashCode() {
      int hash = 1;
      for (AuthorizationPolicy policy : policies) {
        hash = hash * 31 + policy.meta().name().hashCode();
      }
      return hash * 31
          + (policies.isEmpty() ? 0 : policies.getLast().meta().namespace().hashCode());
    }
  }

  /**
   * The outcome of a translation.
   *
   * @param policies what to enforce; denies everything after a failure
   * @param named the same for listeners that name them; none where they must stay in listeners
   * @param origins where each rule is written, by rule id
   * @param problems what does something else than its author may think
   * @param failure why it failed
   */
  record Translated(
      Policies policies,
      List<ExtensionConfig> named,
      Map<String, SourceLocation> origins,
      List<Problem> problems,
      Optional<String> failure) {

    static Translated of(
        Policies policies,
        Memo<DiscoveredPolicies.Identified, ExtensionConfig> memory,
        Map<String, SourceLocation> origins,
        List<Problem> problems,
        Optional<String> failure) {
      return new Translated(
          policies, DiscoveredPolicies.of(policies, memory), origins, problems, failure);
    }
  }

  static Translated translate(
      PoliciesInput input,
      PolicyTranslation translation,
      Memo<DiscoveredPolicies.Identified, ExtensionConfig> memory) {
    try {
      Translation http = translation.translate(input.policies(), input.mesh(), true);
      Translation tcp = translation.translate(input.policies(), input.mesh(), false);
      return Translated.of(
          new Policies(
              reachable(http.authorization(), input),
              reachable(tcp.authorization(), input),
              input.providers()),
          memory,
          http.origins(),
          http.problems(),
          Optional.empty());
    } catch (RuntimeException | StackOverflowError e) {
      return Translated.of(
          new Policies(DENY_ALL, DENY_ALL, List.of()),
          memory,
          Map.of(),
          List.of(),
          Optional.of(String.valueOf(e)));
    }
  }

  /** A CUSTOM stage whose provider has no known service must deny, not ask nobody. */
  private static Authorization reachable(Authorization authorization, PoliciesInput input) {
    Set<String> known =
        input.providers().stream().map(ExternalAuthorizer::provider).collect(Collectors.toSet());
    return new Authorization(
        authorization.stages().stream()
            .<Stage>map(
                stage ->
                    switch (stage) {
                      case Stage.Rbac rbac -> rbac;
                      case Stage.Custom custom ->
                          known.contains(custom.provider())
                              ? custom
                              : new Stage.Custom(custom.provider(), custom.rules(), true);
                    })
            .toList());
  }
}
