package io.selvage.control.generate;

import io.selvage.model.Problem;
import io.selvage.model.SourceLocation;
import io.selvage.xds.resource.ClusterLoadAssignment;
import io.selvage.xds.resource.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that one workload is told that speaks xDS itself; parts are shared as those of {@link
 * ProxyResources} are.
 *
 * @param workload {@code namespace/name}
 * @param inbound for its servers
 * @param outbound for its clients
 * @param endpoints who answers for the clusters
 * @param endpointsByNode the same for those that clients see by the node on which they are
 * @param roots whom it trusts; its agent writes them to a file
 * @param rules where each rule of its policies is written, by rule id
 * @param translation problems of its policies themselves
 * @param failure why the policies could not be translated; {@code inbound} then denies everything,
 *     unless an earlier good one is kept
 */
public record GrpcResources(
    String workload,
    GrpcInbound inbound,
    GrpcOutbound outbound,
    List<ClusterLoadAssignment> endpoints,
    List<ClusterLoadAssignment> endpointsByNode,
    Secret.Validation roots,
    Map<String, SourceLocation> rules,
    List<Problem> translation,
    Optional<String> failure) {
  /** A rule, or a part of one, for which gRPC has no word. */
  public static final String RULE_UNSAID = "SLV4230";

  /** PERMISSIVE, which is STRICT for gRPC. */
  public static final String PERMISSIVE_UNSAID = "SLV4231";

  /** A destination that gRPC clients cannot call. */
  public static final String DESTINATION_UNSAID = "SLV4232";

  /** These resources with an earlier inbound side. */
  public GrpcResources keeping(GrpcInbound earlier) {
    return new GrpcResources(
        workload,
        earlier,
        outbound,
        endpoints,
        endpointsByNode,
        roots,
        rules,
        translation,
        failure);
  }

  /** What its policies do that their authors may not expect, here or anywhere. */
  public List<Problem> problems() {
    List<Problem> problems = new ArrayList<>(translation);
    inbound.unsaid().forEach((rule, what) -> problems.add(unsaid(rule, what)));
    if (!inbound.permissive().isEmpty()) {
      problems.add(
          Problem.warning(
              PERMISSIVE_UNSAID,
              SourceLocation.UNKNOWN,
              "",
              "gRPC takes mTLS or plaintext on a port, not both: %s takes mTLS alone on %s, though PERMISSIVE; say STRICT or DISABLE"
                  .formatted(workload, inbound.permissive())));
    }
    outbound
        .unsaid()
        .forEach(
            (destination, why) ->
                problems.add(
                    Problem.notice(
                        DESTINATION_UNSAID,
                        SourceLocation.UNKNOWN,
                        "",
                        "gRPC clients cannot call %s: %s".formatted(destination, why))));
    return problems;
  }

  private Problem unsaid(String rule, Set<String> what) {
    return Problem.warning(
        RULE_UNSAID,
        rules.getOrDefault(rule, SourceLocation.UNKNOWN),
        "",
        "rule %s at %s, which has no proxy: gRPC has no word for %s; the rule lets nothing more through, and may stop more"
            .formatted(rule, workload, String.join(", ", what)));
  }
}
