package io.selvage.model;

import java.util.List;
import java.util.Optional;

/**
 * Who may call which workloads with what requests ({@code
 * security.istio.io/v1.AuthorizationPolicy}).
 *
 * @param selector absent: every workload of the namespace, or of the mesh in the root namespace
 * @param targetRefs policies that have any are for gateways and waypoints, never for sidecars
 * @param rules absent and empty are told apart as Istio does: an ALLOW with neither denies all, a
 *     CUSTOM with the field absent is refused
 * @param provider the name of the extension provider of a CUSTOM policy
 * @param dryRun evaluated and logged, not enforced ({@code istio.io/dry-run})
 */
public record AuthorizationPolicy(
    ObjectMeta meta,
    Optional<WorkloadSelector> selector,
    List<TargetRef> targetRefs,
    Action action,
    Optional<List<Rule>> rules,
    Optional<String> provider,
    boolean dryRun)
    implements Resource {

  public AuthorizationPolicy {
    targetRefs = List.copyOf(targetRefs);
    rules = rules.map(List::copyOf);
  }

  /** The rules, none when the field is absent. */
  public List<Rule> ruleList() {
    return rules.orElse(List.of());
  }

  /** What happens to a request that a rule matches. */
  public enum Action {
    ALLOW,
    DENY,
    AUDIT,
    CUSTOM
  }

  /**
   * Matches a request when one of {@code from}, one of {@code to} and all of {@code when} match; an
   * empty list matches anything.
   */
  public record Rule(
      List<Source> from, List<Operation> to, List<Condition> when, SourceLocation at) {
    public Rule {
      from = List.copyOf(from);
      to = List.copyOf(to);
      when = List.copyOf(when);
    }
  }

  /** Who calls: all fields that are given must match, each by one of its values. */
  public record Source(
      FieldValues principals,
      FieldValues notPrincipals,
      FieldValues requestPrincipals,
      FieldValues notRequestPrincipals,
      FieldValues namespaces,
      FieldValues notNamespaces,
      FieldValues serviceAccounts,
      FieldValues notServiceAccounts,
      FieldValues trustDomains,
      FieldValues notTrustDomains,
      FieldValues ipBlocks,
      FieldValues notIpBlocks,
      FieldValues remoteIpBlocks,
      FieldValues notRemoteIpBlocks,
      SourceLocation at) {}

  /** What is called: all fields that are given must match, each by one of its values. */
  public record Operation(
      FieldValues hosts,
      FieldValues notHosts,
      FieldValues ports,
      FieldValues notPorts,
      FieldValues methods,
      FieldValues notMethods,
      FieldValues paths,
      FieldValues notPaths,
      SourceLocation at) {}

  /**
   * An attribute of the request that must have one of {@code values} and none of {@code notValues}.
   *
   * @param key such as {@code request.headers[x-team]}; one that Istio knows
   */
  public record Condition(
      String key, FieldValues values, FieldValues notValues, SourceLocation at) {}
}
