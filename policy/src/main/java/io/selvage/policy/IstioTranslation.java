package io.selvage.policy;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.ExtensionProvider;
import io.selvage.model.MeshConfig;
import io.selvage.model.Problem;
import io.selvage.model.ProblemCodes;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.RbacPolicy.RuleSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Translates Istio's AuthorizationPolicies into the {@link Authorization} of one workload's port.
 *
 * <p>Stages: CUSTOM (one for each provider), AUDIT, DENY, ALLOW. Policies of one action are one
 * flat set, whichever namespace they are in; dry-run policies are its shadow.
 */
public final class IstioTranslation {
  /** Ends the ids of rules that deny because their provider cannot be asked. */
  static final String BAD_CUSTOM = "-deny-due-to-bad-CUSTOM-action";

  /** What a port's requests show. */
  public enum Protocol {
    HTTP,
    /** Only the connection: HTTP fields drop an ALLOW rule, and are dropped from others. */
    TCP
  }

  private final List<AuthorizationPolicy> policies;
  private final MeshConfig mesh;
  private final Protocol protocol;
  private final TrustDomains trustDomains;
  private final RuleMemory memory;
  private final Map<String, RuleOrigin> origins = new LinkedHashMap<>();
  private final List<Problem> problems = new ArrayList<>();

  private IstioTranslation(
      List<AuthorizationPolicy> policies, MeshConfig mesh, Protocol protocol, RuleMemory memory) {
    this.policies = policies;
    this.mesh = mesh;
    this.protocol = protocol;
    this.trustDomains = new TrustDomains(List.copyOf(mesh.trustDomains()));
    this.memory = memory;
  }

  /**
   * Translates the policies that select a workload ({@code MeshSnapshot.authorizationPoliciesFor}).
   */
  public static TranslatedAuthorization translate(
      List<AuthorizationPolicy> policies, MeshConfig mesh, Protocol protocol) {
    return translate(policies, mesh, protocol, new RuleMemory());
  }

  /**
   * As {@link #translate(List, MeshConfig, Protocol)}, for many workloads: the rules of a policy
   * are the same objects for all that it selects.
   */
  public static TranslatedAuthorization translate(
      List<AuthorizationPolicy> policies, MeshConfig mesh, Protocol protocol, RuleMemory memory) {
    return new IstioTranslation(policies, mesh, protocol, memory).translate();
  }

  private TranslatedAuthorization translate() {
    List<Stage> stages = new ArrayList<>(customStages());
    rbacStage(Action.AUDIT, RbacPolicy.Action.LOG).ifPresent(stages::add);
    rbacStage(Action.DENY, RbacPolicy.Action.DENY).ifPresent(stages::add);
    rbacStage(Action.ALLOW, RbacPolicy.Action.ALLOW).ifPresent(stages::add);
    return new TranslatedAuthorization(
        new Authorization(List.copyOf(stages)),
        Collections.unmodifiableMap(origins),
        List.copyOf(problems));
  }

  private Optional<Stage> rbacStage(Action action, RbacPolicy.Action effect) {
    Optional<RuleSet> enforced = ruleSet(of(action, false), effect);
    Optional<RuleSet> shadow = ruleSet(of(action, true), effect);
    return enforced.isEmpty() && shadow.isEmpty()
        ? Optional.empty()
        : Optional.of(new Stage.Rbac(enforced, shadow));
  }

  private List<AuthorizationPolicy> of(Action action, boolean dryRun) {
    return policies.stream()
        .filter(policy -> policy.action() == action && policy.dryRun() == dryRun)
        .toList();
  }

  /** Empty without policies: then nothing is enforced, not even that nothing matches. */
  private Optional<RuleSet> ruleSet(List<AuthorizationPolicy> group, RbacPolicy.Action effect) {
    return group.isEmpty()
        ? Optional.empty()
        : Optional.of(RuleSet.sortedById(effect, rules(group, "", "")));
  }

  private List<RbacPolicy> rules(
      List<AuthorizationPolicy> group, String idPrefix, String idSuffix) {
    List<RbacPolicy> rules = new ArrayList<>();
    for (AuthorizationPolicy policy : group) {
      TranslatedRules translated =
          idPrefix.isEmpty() && idSuffix.isEmpty()
              ? memory.rules(policy, trustDomains, protocol)
              : TranslatedRules.of(policy, trustDomains, protocol, idPrefix, idSuffix);
      rules.addAll(translated.rules());
      translated.origins().forEach(origin -> origins.put(origin.ruleId(), origin));
      problems.addAll(translated.problems());
    }
    return rules;
  }

  private List<Stage> customStages() {
    Map<String, List<AuthorizationPolicy>> byProvider = new TreeMap<>();
    for (AuthorizationPolicy policy : policies) {
      if (policy.action() == Action.CUSTOM) {
        byProvider
            .computeIfAbsent(policy.provider().orElse(""), _ -> new ArrayList<>())
            .add(policy);
      }
    }
    List<Stage> stages = new ArrayList<>();
    byProvider.forEach(
        (provider, group) -> stages.addAll(customStages(provider, group, byProvider.size() > 1)));
    return stages;
  }

  private List<Stage> customStages(
      String name, List<AuthorizationPolicy> group, boolean severalProviders) {
    Optional<ExtensionProvider> provider = mesh.extensionProvider(name);
    boolean unusable = provider.isEmpty() || severalProviders;
    if (!unusable && protocol == Protocol.TCP && provider.get() instanceof ExtensionProvider.Http) {
      problem(group, "an HTTP provider isn't asked about TCP connections");
      return List.of();
    }
    if (unusable) {
      problem(
          group,
          severalProviders
              ? "a workload may have one provider, this one has several; matches are denied"
              : "there is no extension provider \"" + name + "\"; matches are denied");
    }
    String prefix = "istio-ext-authz-" + name + "-";
    List<Stage> stages = new ArrayList<>();
    List<AuthorizationPolicy> dryRun = group.stream().filter(AuthorizationPolicy::dryRun).toList();
    if (!dryRun.isEmpty()) {
      RuleSet shadow = RuleSet.sortedById(RbacPolicy.Action.LOG, rules(dryRun, prefix, ""));
      stages.add(new Stage.Rbac(Optional.empty(), Optional.of(shadow)));
    }
    List<AuthorizationPolicy> enforced = group.stream().filter(policy -> !policy.dryRun()).toList();
    if (!enforced.isEmpty()) {
      List<RbacPolicy> rules = rules(enforced, prefix, unusable ? BAD_CUSTOM : "");
      stages.add(
          new Stage.Custom(name, RuleSet.sortedById(RbacPolicy.Action.DENY, rules), unusable));
    }
    return stages;
  }

  private void problem(List<AuthorizationPolicy> group, String message) {
    for (AuthorizationPolicy policy : group) {
      problems.add(
          Problem.warning(
              ProblemCodes.UNKNOWN_PROVIDER, policy.meta().at(), "spec.provider", message));
    }
  }
}
