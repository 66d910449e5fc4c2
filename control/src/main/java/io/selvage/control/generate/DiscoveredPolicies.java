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
import java.util.stream.Stream;

/**
 * The policies of a workload for a proxy that takes them apart from its listeners: the same names
 * for every workload, so that a listener names them all whichever there are, and no change of
 * policy changes it.
 *
 * <p>Beside them a listener names a mark: a filter without rules whose name is a digest of the
 * listener. When both change, the mark of the old listener goes with the old policies, and so the
 * old listener is not used with the new ones.
 *
 * <p>Where a policy asks an external authorizer, all stay in the listener.
 */
final class DiscoveredPolicies {
  /** In the order in which they are asked. */
  private static final List<RbacPolicy.Action> ACTIONS =
      List.of(RbacPolicy.Action.LOG, RbacPolicy.Action.DENY, RbacPolicy.Action.ALLOW);

  private static final Stage.Rbac NOTHING = new Stage.Rbac(Optional.empty(), Optional.empty());

  private DiscoveredPolicies() {}

  /** What a listener of that mark names for its ports of that layer. */
  static List<String> names(Layer layer, String mark) {
    return Stream.concat(
            ACTIONS.stream().map(action -> name(layer, word(action))),
            Stream.of(name(layer, "of/" + mark)))
        .toList();
  }

  private static String name(Layer layer, String last) {
    return switch (layer) {
      case HTTP -> "authorization/http/" + last;
      case NETWORK -> "authorization/tcp/" + last;
    };
  }

  private static String word(RbacPolicy.Action action) {
    return switch (action) {
      case LOG -> "audit";
      case DENY -> "deny";
      case ALLOW -> "allow";
    };
  }

  /** What stands behind the names of a mark. */
  static List<ExtensionConfig> marks(String mark) {
    return Stream.of(Layer.values())
        .map(layer -> new ExtensionConfig(name(layer, "of/" + mark), layer, NOTHING))
        .toList();
  }

  /**
   * What stands behind the other names, one for each; none where policies must stay in listeners.
   *
   * @param memory where what many workloads have alike is found as one object
   */
  static List<ExtensionConfig> of(
      InboundInput.Policies policies, Memo<Identified, ExtensionConfig> memory) {
    var http = byAction(policies.http());
    var tcp = byAction(policies.tcp());
    if (http.isEmpty() || tcp.isEmpty()) {
      return List.of();
    }
    List<ExtensionConfig> all = new ArrayList<>();
    add(Layer.HTTP, http.get(), memory, all);
    add(Layer.NETWORK, tcp.get(), memory, all);
    return List.copyOf(all);
  }

  private static void add(
      Layer layer,
      Map<RbacPolicy.Action, Stage.Rbac> stages,
      Memo<Identified, ExtensionConfig> memory,
      List<ExtensionConfig> to) {
    for (RbacPolicy.Action action : ACTIONS) {
      Stage.Rbac stage = stages.getOrDefault(action, NOTHING);
      to.add(
          memory.get(Identified.of(new ExtensionConfig(name(layer, word(action)), layer, stage))));
    }
  }

  /** Empty unless there is one stage at most for each action, in their order. */
  private static Optional<Map<RbacPolicy.Action, Stage.Rbac>> byAction(Authorization all) {
    Map<RbacPolicy.Action, Stage.Rbac> stages = new EnumMap<>(RbacPolicy.Action.class);
    int last = -1;
    for (Stage stage : all.stages()) {
      int at =
          stage instanceof Stage.Rbac rbac ? action(rbac).map(ACTIONS::indexOf).orElse(last) : last;
      if (at <= last) {
        return Optional.empty();
      }
      stages.put(ACTIONS.get(at), (Stage.Rbac) stage);
      last = at;
    }
    return Optional.of(stages);
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
