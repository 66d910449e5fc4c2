package io.selvage.prove;

import io.selvage.model.AuthorizationPolicy;
import io.selvage.model.MeshSnapshot;
import io.selvage.model.RequestAuthentication;
import io.selvage.model.Resource;
import io.selvage.model.TargetRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which policies a workload has that choose it by {@code targetRefs} instead of labels, as istiod
 * attaches them: a sidecar has none of those; a gateway of the Gateway API has those that name it
 * in its namespace, beside those that select it; a waypoint has those, and what the root namespace
 * has for all waypoints, and nothing that selects it by labels.
 *
 * @param policies that hold for all of its traffic
 * @param tokens likewise
 * @param ofServices that a waypoint has for the traffic of some services alone, which is not
 *     modelled
 */
record TargetedPolicies(
    List<AuthorizationPolicy> policies,
    List<RequestAuthentication> tokens,
    List<AuthorizationPolicy> ofServices) {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";
  private static final String GATEWAY = GATEWAY_API + "/gateway-name";
  private static final String CLASS = GATEWAY_API + "/gateway-class-name";
  private static final String WAYPOINT = "istio-waypoint";

  /** All that a workload has, by labels or by name. */
  static TargetedPolicies of(MeshSnapshot snapshot, ProvedWorkload workload) {
    String name = workload.labels().get(GATEWAY);
    if (name == null) {
      return new TargetedPolicies(
          snapshot.authorizationPoliciesFor(workload.view()),
          snapshot.requestAuthenticationsFor(workload.view()),
          List.of());
    }
    List<AuthorizationPolicy> policies = new ArrayList<>();
    List<RequestAuthentication> tokens = new ArrayList<>();
    List<AuthorizationPolicy> ofServices = new ArrayList<>();
    if (!isWaypoint(workload)) {
      policies.addAll(snapshot.authorizationPoliciesFor(workload.view()));
      tokens.addAll(snapshot.requestAuthenticationsFor(workload.view()));
    }
    String root = snapshot.meshConfig().rootNamespace();
    for (AuthorizationPolicy policy : snapshot.all(AuthorizationPolicy.class)) {
      if (binds(policy, policy.targetRefs(), workload, name, root)) {
        policies.add(policy);
      } else if (isWaypoint(workload)
          && policy.targetRefs().stream().anyMatch(TargetedPolicies::isService)) {
        ofServices.add(policy);
      }
    }
    for (RequestAuthentication each : snapshot.all(RequestAuthentication.class)) {
      if (binds(each, each.targetRefs(), workload, name, root)) {
        tokens.add(each);
      }
    }
    return new TargetedPolicies(policies, tokens, ofServices);
  }

  private static boolean isWaypoint(ProvedWorkload workload) {
    return WAYPOINT.equals(workload.labels().get(CLASS));
  }

  private static boolean binds(
      Resource policy, List<TargetRef> targets, ProvedWorkload workload, String name, String root) {
    String namespace = policy.meta().namespace();
    for (TargetRef target : targets) {
      boolean ofAllWaypoints =
          isWaypoint(workload)
              && namespace.equals(root)
              && is(target, GATEWAY_API, "GatewayClass")
              && target.name().equals(WAYPOINT);
      boolean ofThisOne =
          namespace.equals(workload.namespace())
              && (target.namespace().isEmpty() || target.namespace().equals(namespace))
              && is(target, GATEWAY_API, "Gateway")
              && target.name().equals(name);
      if (ofAllWaypoints || ofThisOne) {
        return true;
      }
    }
    return false;
  }

  private static boolean is(TargetRef target, String group, String kind) {
    return target.group().equals(group) && target.kind().equals(kind);
  }

  private static boolean isService(TargetRef target) {
    return is(target, "", "Service")
        || is(target, "core", "Service")
        || is(target, "networking.istio.io", "ServiceEntry");
  }

  /** Why the workload can't be decided; empty when it can. */
  Optional<String> unmodelled() {
    return ofServices.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "a waypoint has policies for some of its services alone ("
                + ofServices.getFirst().meta().qualifiedName()
                + "), which is not modelled");
  }

  /**
   * What a policy's targets are, and what they should be about and aren't, where no workload has
   * it.
   *
   * @param workloads of its cluster
   */
  static String bindsNothing(AuthorizationPolicy policy, List<ProvedWorkload> workloads) {
    List<String> targets =
        policy.targetRefs().stream().map(each -> each.kind() + " " + each.name()).toList();
    List<String> services =
        policy.targetRefs().stream()
            .filter(TargetedPolicies::isService)
            .map(each -> each.name() + "." + policy.meta().namespace())
            .toList();
    List<String> free =
        workloads.stream()
            .filter(
                workload ->
                    workload.ports().stream()
                        .flatMap(port -> port.host().stream())
                        .anyMatch(
                            host ->
                                services.stream()
                                    .anyMatch(
                                        service ->
                                            host.equals(service)
                                                || host.startsWith(service + ".svc"))))
            .map(ProvedWorkload::qualifiedName)
            .toList();
    return "the policy is for %s, of which no gateway or waypoint is here%s"
        .formatted(
            String.join(", ", targets),
            free.isEmpty() ? "" : ": it does not bind " + String.join(", ", free));
  }

  /** Policies by a number for what each means. */
  List<Integer> shapes(Function<AuthorizationPolicy, Integer> shape) {
    List<Integer> all = new ArrayList<>(policies.stream().map(shape).toList());
    ofServices.forEach(each -> all.add(shape.apply(each)));
    return all;
  }
}
