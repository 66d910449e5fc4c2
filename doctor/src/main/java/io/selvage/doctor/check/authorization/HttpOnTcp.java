package io.selvage.doctor.check.authorization;

import io.selvage.control.workload.InboundPort;
import io.selvage.doctor.Check;
import io.selvage.doctor.CheckInfo;
import io.selvage.doctor.FixClass;
import io.selvage.doctor.Results;
import io.selvage.doctor.Source;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Kind;
import io.selvage.doctor.view.HttpFields;
import io.selvage.doctor.view.MeshView;
import io.selvage.doctor.view.Need;
import io.selvage.doctor.view.PodView;
import io.selvage.doctor.view.Policies;
import io.selvage.doctor.view.Words;
import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.AuthorizationPolicy.Action;
import io.selvage.model.AuthorizationPolicy.Operation;
import io.selvage.model.AuthorizationPolicy.Rule;
import io.selvage.model.PortProtocol;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Rules about requests where only connections are seen: on ports that speak TCP, and at ambient's
 * layer 4. There an ALLOW loses the rule, and a DENY loses the fields and denies more than it says
 * (in a sidecar) or nothing (at ztunnel).
 */
public final class HttpOnTcp {
  /** Rules about requests are for ports that speak HTTP. */
  public static final Check CHECK =
      new Check.OfCluster(
          CheckInfo.of(
              "SLV4007",
              "rules about requests are where requests are seen",
              Set.of(Source.OBJECTS),
              FixClass.EXPLAINED,
              "R6"),
          HttpOnTcp::ask);

  private HttpOnTcp() {}

  /** A rule, and how it is seen. */
  private record Place(AuthorizationPolicy policy, int rule, boolean ambient) {}

  /** Where a rule is wrong, and whether it is right anywhere. */
  private static final class Where {
    private final Set<String> ports = new TreeSet<>();
    private boolean alsoHttp;
  }

  private static void ask(ClusterEvidence cluster, Results results) {
    if (!Need.kinds(cluster, results, Kind.AUTHORIZATION_POLICY, Kind.POD, Kind.SERVICE)
        || !Need.settings(cluster, results)) {
      return;
    }
    MeshView mesh = MeshView.of(cluster);
    Need.understood(mesh, results, Kind.AUTHORIZATION_POLICY);
    Map<Place, Where> found = new LinkedHashMap<>();
    for (PodView pod : mesh.inMesh()) {
      for (AuthorizationPolicy policy :
          mesh.snapshotFor(pod).authorizationPoliciesFor(pod.view())) {
        List<Rule> rules = policy.ruleList();
        for (int i = 0; i < rules.size(); i++) {
          if (!HttpFields.of(rules.get(i)).isEmpty() && !policy.dryRun()) {
            look(mesh, pod, new Place(policy, i, pod.isAmbient()), rules.get(i), found);
          }
        }
      }
    }
    found.values().removeIf(where -> where.ports.isEmpty());
    found.forEach((place, where) -> tell(cluster, place, where, results));
    if (results.isFine()) {
      results.pass("no rule about requests is for a port that speaks TCP");
    }
  }

  private static void look(
      MeshView mesh, PodView pod, Place place, Rule rule, Map<Place, Where> found) {
    Where where = found.computeIfAbsent(place, _ -> new Where());
    for (InboundPort port : mesh.ports(pod)) {
      if (!isFor(rule, port.number())) {
        continue;
      }
      boolean tcp =
          pod.isAmbient()
              || port.protocol() == PortProtocol.TCP
              || port.protocol() == PortProtocol.TLS
              || port.protocol() == PortProtocol.HTTPS;
      if (tcp) {
        where.ports.add(pod.qualified() + ":" + port.number());
      } else {
        where.alsoHttp = true;
      }
    }
  }

  /** Whether an operation of the rule is for the port; ports with wildcards count as all. */
  private static boolean isFor(Rule rule, int port) {
    return rule.to().isEmpty()
        || rule.to().stream()
            .map(Operation::ports)
            .anyMatch(ports -> ports.isEmpty() || ports.values().contains(String.valueOf(port)));
  }

  private static void tell(ClusterEvidence cluster, Place place, Where where, Results results) {
    AuthorizationPolicy policy = place.policy();
    List<String> fields = HttpFields.of(policy.ruleList().get(place.rule()));
    String summary =
        "%s rule %d looks at %s, but %s: %s"
            .formatted(
                Policies.ref(policy),
                place.rule(),
                String.join(", ", fields),
                place.ambient()
                    ? "its workloads have only ambient's layer 4 before them"
                    : "the port speaks TCP",
                Words.some(where.ports));
    var said = where.alsoHttp ? results.warn(summary) : results.fail(summary);
    Policies.about(said, cluster, policy)
        .cause(
            place.ambient()
                ? "without a waypoint nobody reads requests there"
                : "the Service's port is not declared as HTTP (name or appProtocol)")
        .effect(effect(policy.action(), place.ambient()))
        .next(
            place.ambient()
                ? "set a waypoint before them and name it in targetRefs, or use layer-4 fields only"
                : "name the Service's port http-… if it speaks HTTP; else say ports in the rule, or"
                    + " take the fields out");
  }

  private static String effect(Action action, boolean ambient) {
    return switch (action) {
      case ALLOW ->
          "the rule allows nothing there: these connections are denied unless another does";
      case DENY ->
          ambient
              ? "a rule with no other field denies nothing there"
              : "the fields do not count there: the rule denies every connection that its other"
                  + " fields meet";
      case AUDIT, CUSTOM -> "the fields do not count there: the rule meets more than it says";
    };
  }
}
