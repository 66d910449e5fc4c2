package io.selvage.it.istiod;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Features of Istio beyond its default, one set of resources each, for a workload of {@code foo}.
 */
final class RefusedFeatures {
  private static final String ROUTE =
      "route: [{destination: {host: server.foo.svc.cluster.local}}]";

  private RefusedFeatures() {}

  static Map<String, String> all() {
    var all = new LinkedHashMap<String, String>();
    all.put(
        "VirtualService: timeout and retries",
        route(ROUTE + ", timeout: 2s, retries: {attempts: 3}"));
    all.put(
        "VirtualService: prefix and exact paths",
        route("match: [{uri: {prefix: /a}}, {uri: {exact: /b}}], " + ROUTE));
    all.put(
        "VirtualService: path by regular expression",
        route("match: [{uri: {regex: '/a.*'}}], " + ROUTE));
    all.put(
        "VirtualService: header absent", route("match: [{withoutHeaders: {x-a: {}}}], " + ROUTE));
    all.put(
        "VirtualService: weights",
        route(
            "route: [{destination: {host: server}, weight: 10}, {destination: {host: other}, weight: 90}]"));
    all.put("VirtualService: rewrite", route(ROUTE + ", rewrite: {uri: /z}"));
    all.put("VirtualService: redirect", route("redirect: {uri: /z}"));
    all.put("VirtualService: direct response", route("directResponse: {status: 404}"));
    all.put("VirtualService: mirror", route(ROUTE + ", mirror: {host: other}"));
    all.put("VirtualService: headers", route(ROUTE + ", headers: {request: {add: {x-a: b}}}"));
    all.put(
        "VirtualService: fault",
        route(ROUTE + ", fault: {abort: {httpStatus: 418, percentage: {value: 1}}}"));
    all.put(
        "VirtualService: CORS",
        route(ROUTE + ", corsPolicy: {allowOrigins: [{exact: 'https://a.example'}]}"));
    all.put(
        "DestinationRule: outlier detection, connection pool",
        rule(
            "{outlierDetection: {consecutive5xxErrors: 3}, connectionPool: {tcp: {maxConnections: 7}}}"));
    all.put(
        "DestinationRule: consistent hash",
        rule("{loadBalancer: {consistentHash: {httpHeaderName: x-a}}}"));
    all.put("DestinationRule: round robin", rule("{loadBalancer: {simple: ROUND_ROBIN}}"));
    all.put("ServiceEntry: names by DNS", entry("resolution: DNS"));
    all.put(
        "ServiceEntry: TLS by server name",
        """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: tls, namespace: foo}
        spec: {hosts: [tls.example], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}
        """);
    all.put(
        "Sidecar: egress of one host",
        """
        apiVersion: networking.istio.io/v1
        kind: Sidecar
        metadata: {name: default, namespace: foo}
        spec: {egress: [{hosts: ['./*', 'istio-system/*']}]}
        """);
    all.put(
        "Telemetry: access log by Envoy's provider",
        """
        apiVersion: telemetry.istio.io/v1
        kind: Telemetry
        metadata: {name: default, namespace: foo}
        spec: {accessLogging: [{providers: [{name: envoy}]}]}
        """);
    all.put(
        "WasmPlugin",
        """
        apiVersion: extensions.istio.io/v1alpha1
        kind: WasmPlugin
        metadata: {name: wasm, namespace: foo}
        spec: {url: 'file:///plugin.wasm'}
        """);
    all.put(
        "EnvoyFilter: Lua",
        """
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: {name: lua, namespace: foo}
        spec:
          configPatches:
          - applyTo: HTTP_FILTER
            match: {context: SIDECAR_INBOUND}
            patch:
              operation: INSERT_FIRST
              value:
                name: envoy.filters.http.lua
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
                  default_source_code: {inline_string: "function envoy_on_request(handle) end"}
        """);
    return all;
  }

  private static String route(String http) {
    return """
    apiVersion: networking.istio.io/v1
    kind: VirtualService
    metadata: {name: routes, namespace: foo}
    spec: {hosts: [server.foo.svc.cluster.local], http: [{%s}]}
    """
        .formatted(http);
  }

  private static String rule(String policy) {
    return """
    apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: rule, namespace: foo}
    spec: {host: server.foo.svc.cluster.local, trafficPolicy: %s}
    """
        .formatted(policy);
  }

  private static String entry(String more) {
    return """
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: outside, namespace: foo}
    spec: {hosts: [outside.example], ports: [{number: 80, name: http, protocol: HTTP}], %s}
    """
        .formatted(more);
  }
}
