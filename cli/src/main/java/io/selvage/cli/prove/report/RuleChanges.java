package io.selvage.cli.prove.report;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.policy.Explanation.FieldReport;
import io.selvage.policy.Explanation.RuleReport;
import io.selvage.policy.IstioTranslation;
import io.selvage.policy.IstioTranslation.Protocol;
import io.selvage.policy.RuleOrigin;
import io.selvage.prove.Mesh;
import io.selvage.prove.ProvedWorkload;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a field that decides was written so on the other side, too. */
final class RuleChanges {
  private final Mesh other;

  /**
   * @param other the side to compare with
   */
  RuleChanges(Mesh other) {
    this.other = other;
  }

  /** Whether no rule of the policy says this on the other side. */
  boolean isChanged(ProvedWorkload workload, RuleReport rule, FieldReport field) {
    return origins(workload, rule)
        .flatMap(
            origin ->
                Stream.concat(
                    Stream.of(origin.from(), origin.to())
                        .flatMap(Collection::stream)
                        .flatMap(Collection::stream),
                    origin.when().stream()))
        .noneMatch(
            known ->
                known.attribute().equals(field.attribute())
                    && known.negated() == field.negated()
                    && known.values().values().equals(field.values()));
  }

  /** Whether the other side has no such policy. */
  boolean isNew(ProvedWorkload workload, RuleReport rule) {
    return policy(workload, rule).isEmpty();
  }

  private Stream<RuleOrigin> origins(ProvedWorkload workload, RuleReport rule) {
    MeshSnapshot snapshot = snapshot(workload);
    return policy(workload, rule).stream()
        .flatMap(
            policy ->
                IstioTranslation.translate(List.of(policy), snapshot.meshConfig(), Protocol.HTTP)
                    .origins()
                    .values()
                    .stream());
  }

  private Optional<AuthorizationPolicy> policy(ProvedWorkload workload, RuleReport rule) {
    int slash = rule.policy().indexOf('/');
    return snapshot(workload)
        .find(
            AuthorizationPolicy.class,
            rule.policy().substring(0, slash),
            rule.policy().substring(slash + 1))
        .filter(policy -> policy.action().name().equals(rule.action()));
  }

  private MeshSnapshot snapshot(ProvedWorkload workload) {
    return Objects.requireNonNullElse(other.clusters().get(workload.cluster()), MeshSnapshot.EMPTY);
  }
}
