package io.selvage.control.generate;

import io.selvage.policy.Authorization;
import io.selvage.policy.Authorization.Stage;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.ExtensionConfig;
import io.selvage.xds.resource.ExtensionConfig.Layer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The policies of a workload for a proxy that takes them apart from its listeners: the same names
 * for every workload, so that a listener names them all whichever there are, and no change of
 * policy changes it. What asks an external authorizer stays in the listener.
 */
final class DiscoveredPolicies {
  /** In the order in which they are asked. */
  private static final List<RbacPolicy.Action> ACTIONS =
      List.of(RbacPolicy.Action.LOG, RbacPolicy.Action.DENY, RbacPolicy.Action.ALLOW);

  private static final Stage.Rbac NOTHING = new Stage.Rbac(Optional.empty(), Optional.empty());

  private DiscoveredPolicies() {}

  /** What every listener names for its ports of that layer. */
  static List<String> names(Layer layer) {
    return ACTIONS.stream().map(action -> name(layer, action)).toList();
  }

  private static String name(Layer layer, RbacPolicy.Action action) {
    String seen =
        switch (layer) {
          case HTTP -> "http";
          case NETWORK -> "tcp";
        };
    String done =
        switch (action) {
          case LOG -> "audit";
          case DENY -> "deny";
          case ALLOW -> "allow";
        };
    return "authorization/" + seen + "/" + done;
  }

  /** What is left in the listener: all stages but the last that are one for each action. */
  static Authorization inListener(Authorization all) {
    return new Authorization(
        List.copyOf(all.stages().subList(0, all.stages().size() - byAction(all).size())));
  }

  /**
   * What stands behind the names, one for each.
   *
   * @param memory where what many workloads have alike is found as one object
   */
  static List<ExtensionConfig> of(
      InboundInput.Policies policies, Memo<Identified, ExtensionConfig> memory) {
    List<ExtensionConfig> all = new ArrayList<>();
    add(Layer.HTTP, policies.http(), memory, all);
    add(Layer.NETWORK, policies.tcp(), memory, all);
    return List.copyOf(all);
  }

  private static void add(
      Layer layer,
      Authorization from,
      Memo<Identified, ExtensionConfig> memory,
      List<ExtensionConfig> to) {
    Map<RbacPolicy.Action, Stage.Rbac> stages = byAction(from);
    for (RbacPolicy.Action action : ACTIONS) {
      Stage.Rbac stage = stages.getOrDefault(action, NOTHING);
      to.add(memory.get(Identified.of(new ExtensionConfig(name(layer, action), layer, stage))));
    }
  }

  /** From the end, as long as each is of an action before that of the one behind it. */
  private static Map<RbacPolicy.Action, Stage.Rbac> byAction(Authorization all) {
    Map<RbacPolicy.Action, Stage.Rbac> stages = new EnumMap<>(RbacPolicy.Action.class);
    int before = ACTIONS.size();
    for (Stage stage : all.stages().reversed()) {
      if (!(stage instanceof Stage.Rbac rbac)) {
        break;
      }
      int at = action(rbac).map(ACTIONS::indexOf).orElse(before);
      if (at >= before) {
        break;
      }
      stages.put(ACTIONS.get(at), rbac);
      before = at;
    }
    return stages;
  }

  /** Enforced and dry-run rules of a stage are of one action. */
  private static Optional<RbacPolicy.Action> action(Stage.Rbac stage) {
    return stage.enforced().or(stage::shadow).map(RbacPolicy.RuleSet::action);
  }

  /**
   * A filter that is told apart by its rules as objects: there may be thousands, and what they say
   * is compared nowhere.
   *
   * @param config the filter
   * @param rules those enforced, then those of a dry run
   * @param enforced how many are enforced; -1: it enforces none, not even that nothing matches
   * @param shadow how many are of a dry run; as {@code enforced}
   */
  record Identified(
      ExtensionConfig config, SameObjects<RbacPolicy> rules, int enforced, int shadow) {
    static Identified of(ExtensionConfig config) {
      List<RbacPolicy> rules = new ArrayList<>();
      return new Identified(
          config,
          new SameObjects<>(rules),
          gathered(config.stage().enforced(), rules),
          gathered(config.stage().shadow(), rules));
    }

    private static int gathered(Optional<RbacPolicy.RuleSet> set, List<RbacPolicy> rules) {
      set.ifPresent(of -> rules.addAll(of.rules()));
      return set.map(of -> of.rules().size()).orElse(-1);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Identified that
          && enforced == that.enforced
          && shadow == that.shadow
          && config.name().equals(that.config.name())
          && rules.equals(that.rules);
    }

    @Override
    public int hashCode() {
      return config.name().hashCode() * 31 + rules.hashCode();
    }
  }
}
