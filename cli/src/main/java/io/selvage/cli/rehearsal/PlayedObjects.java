package io.selvage.cli.rehearsal;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The objects of a cluster in which a control plane has something to do: one namespace of services,
 * each with Pods, a policy and a DestinationRule.
 */
final class PlayedObjects {
  static final String NAMESPACE = "town";
  static final String ROOT_NAMESPACE = "istio-system";
  static final String POLICIES = "/apis/security.istio.io/v1/authorizationpolicies";
  static final String SLICES = "/apis/discovery.k8s.io/v1/endpointslices";
  static final int SERVICES = 24;
  static final int PODS_EACH = 2;

  /** Single quotes and bare names, to be read at sight. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(
              JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_PROPERTY_NAMES)
          .build();

  private PlayedObjects() {}

  /** A Pod's name, account and address, and its service. */
  record Pod(int number) {
    String name() {
      return "app-%d-%d".formatted(service(), number % PODS_EACH);
    }

    int service() {
      return number / PODS_EACH;
    }

    String app() {
      return "app-" + service();
    }

    String address() {
      return "10.1.%d.%d".formatted(number / 200, 1 + number % 200);
    }
  }

  static List<Pod> pods() {
    return IntStream.range(0, SERVICES * PODS_EACH).mapToObj(Pod::new).toList();
  }

  /** Lists by path; those that are not here are empty. */
  static JsonNode lists() {
    ObjectNode all = JSON.createObjectNode();
    all.set("/version", JSON.readTree("{major: '1', minor: '34'}"));
    all.set("/api/v1/namespaces", list(2, PlayedObjects::namespace));
    all.set("/api/v1/nodes", list(1, _ -> metadata("{name: 'node-1'}")));
    all.set("/api/v1/services", list(SERVICES, PlayedObjects::service));
    all.set("/api/v1/serviceaccounts", list(SERVICES, n -> metadata(named(n))));
    all.set("/api/v1/pods", list(SERVICES * PODS_EACH, n -> pod(new Pod(n))));
    all.set(SLICES, list(SERVICES, n -> slice(n, 1, true)));
    all.set(POLICIES, list(SERVICES, n -> policy(NAMESPACE, "app-" + n, 1, own(n))));
    all.set(
        "/apis/networking.istio.io/v1/destinationrules",
        list(SERVICES, PlayedObjects::destinationRule));
    all.set(
        "/apis/security.istio.io/v1",
        served("authorizationpolicies", "peerauthentications", "requestauthentications"));
    all.set(
        "/apis/networking.istio.io/v1",
        served(
            "destinationrules", "serviceentries", "workloadentries", "workloadgroups", "gateways"));
    return all;
  }

  private static JsonNode served(String... plurals) {
    ObjectNode list = JSON.createObjectNode().put("kind", "APIResourceList");
    ArrayNode resources = list.putArray("resources");
    List.of(plurals).forEach(plural -> resources.addObject().put("name", plural));
    return list;
  }

  private static JsonNode list(int count, IntFunction<JsonNode> item) {
    ObjectNode list =
        (ObjectNode)
            JSON.readTree(
                "{kind: 'List', apiVersion: 'v1', metadata: {resourceVersion: '1'}, items: []}");
    ArrayNode items = list.withArray("items");
    IntStream.range(0, count).mapToObj(item).forEach(items::add);
    return list;
  }

  private static JsonNode metadata(String metadata) {
    return JSON.readTree("{metadata: " + metadata + "}");
  }

  private static String named(int service) {
    return "{name: 'app-%d', namespace: '%s', uid: 'u%d', resourceVersion: '1'}"
        .formatted(service, NAMESPACE, service);
  }

  private static JsonNode namespace(int n) {
    return metadata("{name: '%s'}".formatted(n == 0 ? ROOT_NAMESPACE : NAMESPACE));
  }

  private static JsonNode service(int n) {
    return JSON.readTree(
        """
        {metadata: %s, spec: {selector: {app: 'app-%d'}, clusterIP: '10.96.1.%d', clusterIPs: ['10.96.1.%d'],
          ports: [{name: 'http', port: 8000, protocol: 'TCP', targetPort: 8080},
                  {name: 'tcp', port: 9000, protocol: 'TCP', targetPort: 9000}]}}
        """
            .formatted(named(n), n, 1 + n, 1 + n));
  }

  private static JsonNode pod(Pod pod) {
    return JSON.readTree(
        """
        {metadata: {name: '%s', namespace: '%s', uid: 'p%d', resourceVersion: '1', labels: {app: '%s'}},
         spec: {serviceAccountName: '%s', nodeName: 'node-1',
           containers: [{name: 'app', image: 'example/app:1', ports: [{name: 'http', containerPort: 8080}]},
                        {name: 'istio-proxy', image: 'example/proxy:1'}]},
         status: {phase: 'Running', podIP: '%s', podIPs: [{ip: '%s'}], conditions: [{type: 'Ready', status: 'True'}]}}
        """
            .formatted(
                pod.name(),
                NAMESPACE,
                pod.number(),
                pod.app(),
                pod.app(),
                pod.address(),
                pod.address()));
  }

  /** The endpoints of a service, whose last Pod may not be ready. */
  static JsonNode slice(int service, int version, boolean ready) {
    List<String> endpoints =
        pods().stream()
            .filter(pod -> pod.service() == service)
            .map(
                pod ->
                    """
                    {addresses: ['%s'], conditions: {ready: %s}, nodeName: 'node-1',
                     targetRef: {kind: 'Pod', name: '%s', namespace: '%s'}}
                    """
                        .formatted(
                            pod.address(),
                            ready || pod.number() % PODS_EACH == 0,
                            pod.name(),
                            NAMESPACE))
            .toList();
    return JSON.readTree(
        """
        {apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
         metadata: {name: 'app-%d', namespace: '%s', uid: 's%d', resourceVersion: '%d',
            labels: {'kubernetes.io/service-name': 'app-%d'}},
         addressType: 'IPv4', ports: [{name: 'http', port: 8080, protocol: 'TCP'}, {name: 'tcp', port: 9000, protocol: 'TCP'}],
         endpoints: [%s]}
        """
            .formatted(service, NAMESPACE, service, version, service, String.join(",", endpoints)));
  }

  /** The spec of the policy that each service has. */
  static String own(int service) {
    return """
    {selector: {matchLabels: {app: 'app-%d'}}, action: 'ALLOW',
     rules: [{from: [{source: {principals: ['cluster.local/ns/%s/sa/app-%d']}}],
              to: [{operation: {methods: ['GET', 'HEAD'], paths: ['/public/*']}}]}]}
    """
        .formatted(service, NAMESPACE, (service + 1) % SERVICES);
  }

  /** The spec of a policy that denies a path to all. */
  static String denial(int number) {
    return "{action: 'DENY', rules: [{to: [{operation: {paths: ['/internal/%d/*']}}]}]}"
        .formatted(number);
  }

  static JsonNode policy(String namespace, String name, int version, String spec) {
    return JSON.readTree(
        """
        {apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy',
         metadata: {name: '%s', namespace: '%s', uid: 'a-%s', generation: %d, resourceVersion: '%d'}, spec: %s}
        """
            .formatted(name, namespace, name, version, version, spec));
  }

  private static JsonNode destinationRule(int n) {
    return JSON.readTree(
        """
        {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: %s,
         spec: {host: 'app-%d', trafficPolicy: {loadBalancer: {simple: 'ROUND_ROBIN'}}}}
        """
            .formatted(named(n), n));
  }
}
