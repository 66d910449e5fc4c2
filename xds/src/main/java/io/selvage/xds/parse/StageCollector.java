package io.selvage.xds.parse;

import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.EnvoyNames;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts a run of RBAC and external-authorizer filters back together as stages: a pair of shadow
 * rules and authorizer is one CUSTOM stage. A half of a pair is refused.
 */
final class StageCollector {
  private final String rbacFilter;
  private final List<Authorization.Stage> stages = new ArrayList<>();
  private final Map<String, ExternalAuthorizer> providers = new LinkedHashMap<>();
  private @Nullable Asked asked;

  /** Shadow rules that wait for their authorizer. */
  private record Asked(At at, RbacPolicy.RuleSet rules) {}

  /**
   * Collects one run of filters.
   *
   * @param rbacFilter under which name the RBAC filter leaves its metadata
   */
  StageCollector(String rbacFilter) {
    this.rbacFilter = rbacFilter;
  }

  boolean isEmpty() {
    return stages.isEmpty() && asked == null;
  }

  List<ExternalAuthorizer> providers() {
    return List.copyOf(providers.values());
  }

  /** The stages; called once, at the end of the run. */
  Authorization finish() {
    refuseHalf();
    return stages.isEmpty() ? Authorization.NONE : new Authorization(List.copyOf(stages));
  }

  /** A filter that sees requests. */
  void rbac(io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC from, At at) {
    rbac(
        from.hasRules() ? Optional.of(from.getRules()) : Optional.empty(),
        from.hasShadowRules() ? Optional.of(from.getShadowRules()) : Optional.empty(),
        from.getShadowRulesStatPrefix(),
        at);
  }

  /** A filter that sees connections. */
  void rbac(io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC from, At at) {
    rbac(
        from.hasRules() ? Optional.of(from.getRules()) : Optional.empty(),
        from.hasShadowRules() ? Optional.of(from.getShadowRules()) : Optional.empty(),
        from.getShadowRulesStatPrefix(),
        at);
  }

  private void rbac(Optional<RBAC> rules, Optional<RBAC> shadow, String shadowPrefix, At at) {
    refuseHalf();
    Optional<RbacPolicy.RuleSet> enforced =
        rules.map(rbac -> RbacParser.parse(rbac, at.field("rules")));
    Optional<RbacPolicy.RuleSet> dry =
        shadow.map(rbac -> RbacParser.parse(rbac, at.field("shadow_rules")));
    if (dry.isEmpty() || !shadowPrefix.equals(EnvoyNames.CUSTOM_STATS)) {
      stages.add(enforcedStage(enforced, dry));
      return;
    }
    if (enforced.isPresent()) {
      at.field("rules").refuse("cannot stand beside the shadow rules of an external authorizer");
    }
    asked = new Asked(at, dry.get());
  }

  /**
   * The external authorizer of the shadow rules before it.
   *
   * @param when its {@code filter_enabled_metadata}
   * @param make makes it under its provider's name
   */
  void authorizer(
      Optional<MetadataMatcher> when, Function<String, ExternalAuthorizer> make, At at) {
    Asked before = asked;
    asked = null;
    if (before == null || when.isEmpty()) {
      at.refuse(
          "must follow an RBAC filter with shadow rules of prefix istio_ext_authz_, and be enabled"
              + " by filter_enabled_metadata");
      return;
    }
    String prefix = prefix(when.get(), at.field("filter_enabled_metadata"));
    String provider = providerOf(prefix, before.rules());
    for (RbacPolicy rule : before.rules().rules()) {
      if (!rule.id().startsWith(prefix)) {
        before.at().refuse("rule " + At.quote(rule.id()) + " would never ask " + At.quote(prefix));
      }
    }
    ExternalAuthorizer authorizer = make.apply(provider);
    ExternalAuthorizer known = providers.putIfAbsent(provider, authorizer);
    if (known != null && !known.equals(authorizer)) {
      at.refuse("differs from another authorizer of provider " + At.quote(provider));
    }
    stages.add(
        new Authorization.Stage.Custom(provider, renamed(before.rules(), provider, ""), false));
  }

  private void refuseHalf() {
    if (asked != null) {
      asked.at().refuse("has shadow rules of an external authorizer, but none follows");
      asked = null;
    }
  }

  private String prefix(MetadataMatcher when, At at) {
    List<String> path =
        when.getPathList().stream().map(MetadataMatcher.PathSegment::getKey).toList();
    String prefix = when.getValue().getStringMatch().getPrefix();
    if (!when.getFilter().equals(rbacFilter)
        || !path.equals(List.of(EnvoyNames.CUSTOM_MATCHED))
        || when.getInvert()
        || when.getValue().getMatchPatternCase() != ValueMatcher.MatchPatternCase.STRING_MATCH
        || when.getValue().getStringMatch().getIgnoreCase()
        || !(prefix + "-").startsWith(EnvoyNames.CUSTOM_ID)) {
      at.refuse("is not the test on the id of the rule that matched");
    }
    return prefix;
  }

  /** From the prefix where it names one, else from the rules' ids. */
  private static String providerOf(String prefix, RbacPolicy.RuleSet rules) {
    if (prefix.length() > EnvoyNames.CUSTOM_ID.length() && prefix.endsWith("-")) {
      return prefix.substring(EnvoyNames.CUSTOM_ID.length(), prefix.length() - 1);
    }
    return rules.rules().isEmpty() ? "" : providerOf(rules.rules().getFirst().id());
  }

  private static String providerOf(String id) {
    int end = id.indexOf("-ns[");
    return id.startsWith(EnvoyNames.CUSTOM_ID) && end >= EnvoyNames.CUSTOM_ID.length()
        ? id.substring(EnvoyNames.CUSTOM_ID.length(), end)
        : "";
  }

  /** DENY rules that stand for a CUSTOM policy without a usable provider are one again. */
  private static Authorization.Stage enforcedStage(
      Optional<RbacPolicy.RuleSet> enforced, Optional<RbacPolicy.RuleSet> shadow) {
    if (shadow.isEmpty() && enforced.isPresent() && isBadCustom(enforced.get())) {
      RbacPolicy.RuleSet rules = enforced.get();
      String provider = providerOf(rules.rules().getFirst().id());
      return new Authorization.Stage.Custom(
          provider, renamed(rules, provider, EnvoyNames.BAD_CUSTOM_ID), true);
    }
    return new Authorization.Stage.Rbac(enforced, shadow);
  }

  private static boolean isBadCustom(RbacPolicy.RuleSet rules) {
    if (rules.action() != RbacPolicy.Action.DENY || rules.rules().isEmpty()) {
      return false;
    }
    String provider = providerOf(rules.rules().getFirst().id());
    return !provider.isEmpty()
        && rules.rules().stream()
            .map(RbacPolicy::id)
            .allMatch(
                id ->
                    id.endsWith(EnvoyNames.BAD_CUSTOM_ID)
                        && id.startsWith(EnvoyNames.CUSTOM_ID + provider + "-"));
  }

  private static RbacPolicy.RuleSet renamed(
      RbacPolicy.RuleSet rules, String provider, String suffix) {
    String prefix = EnvoyNames.CUSTOM_ID + provider + "-";
    List<RbacPolicy> renamed = new ArrayList<>(rules.rules().size());
    for (RbacPolicy rule : rules.rules()) {
      int start = rule.id().startsWith(prefix) ? prefix.length() : 0;
      String id = rule.id().substring(start, rule.id().length() - suffix.length());
      renamed.add(new RbacPolicy(id, rule.permissions(), rule.principals()));
    }
    return new RbacPolicy.RuleSet(rules.action(), List.copyOf(renamed));
  }
}
