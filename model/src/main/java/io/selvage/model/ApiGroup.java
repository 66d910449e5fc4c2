package io.selvage.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * A group of the API: its versions, the kinds that are read, and those that are left to others.
 *
 * @param name empty for Kubernetes' core
 * @param strict unknown fields are errors
 */
record ApiGroup(
    String name,
    boolean strict,
    List<String> versions,
    Map<String, Kind> kinds,
    List<String> otherKinds) {

  /** How a kind is read, and the code under which it is refused. */
  record Kind(String refusal, BiFunction<ObjectMeta, Fields, Resource> reader) {}

  static final ApiGroup SECURITY =
      new ApiGroup("security.istio.io", true, List.of("v1", "v1beta1"), securityKinds(), List.of());

  static final ApiGroup NETWORKING =
      new ApiGroup(
          "networking.istio.io",
          false,
          List.of("v1", "v1beta1", "v1alpha3"),
          networkingKinds(),
          List.of("VirtualService", "EnvoyFilter", "ProxyConfig", "WorkloadGroup"));

  static final ApiGroup CORE = new ApiGroup("", false, List.of("v1"), coreKinds(), List.of());

  /** Who is behind a service, as a cluster's controllers found it. */
  static final ApiGroup DISCOVERY =
      new ApiGroup(
          "discovery.k8s.io",
          false,
          List.of("v1"),
          Map.of("EndpointSlice", other(EndpointSliceReader::read)),
          List.of());

  private static Map<String, Kind> securityKinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put(
        "AuthorizationPolicy",
        new Kind(ProblemCodes.POLICY_REFUSED, AuthorizationPolicyReader::read));
    kinds.put(
        "PeerAuthentication",
        new Kind(ProblemCodes.PEER_AUTHENTICATION_REFUSED, PeerAuthenticationReader::read));
    kinds.put(
        "RequestAuthentication",
        new Kind(ProblemCodes.REQUEST_AUTHENTICATION_REFUSED, RequestAuthenticationReader::read));
    return kinds;
  }

  private static Map<String, Kind> networkingKinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put("DestinationRule", other(DestinationRuleReader::read));
    kinds.put("ServiceEntry", other(ServiceEntryReader::read));
    kinds.put("WorkloadEntry", other(ServiceEntryReader::readWorkloadEntry));
    kinds.put("Gateway", other(GatewayReader::read));
    kinds.put("Sidecar", other(SidecarReader::read));
    return kinds;
  }

  private static Map<String, Kind> coreKinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put("Service", other(CoreReader::readService));
    kinds.put("Namespace", other(CoreReader::readNamespace));
    kinds.put("ServiceAccount", other(CoreReader::readServiceAccount));
    return kinds;
  }

  private static Kind other(BiFunction<ObjectMeta, Fields, Resource> reader) {
    return new Kind(ProblemCodes.RESOURCE_REFUSED, reader);
  }
}
