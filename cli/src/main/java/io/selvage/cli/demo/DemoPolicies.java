package io.selvage.cli.demo;

/** The Istio YAML that the demo writes while it runs. */
final class DemoPolicies {

  /** Of the runbook: an empty specification allows nothing. */
  static final String DENY_ALL =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata:
        name: deny-authz-ns
        namespace: authz-ns
      spec: {}
      """;

  private DemoPolicies() {}

  /** Who may do what with httpbin in {@code sample}. */
  static String table(String trustDomain, String jwks) {
    return """
    apiVersion: security.istio.io/v1
    kind: RequestAuthentication
    metadata: {name: tokens, namespace: sample}
    spec:
      selector: {matchLabels: {app: httpbin}}
      jwtRules:
      - issuer: %2$s
        jwks: '%3$s'
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: httpbin, namespace: sample}
    spec:
      selector: {matchLabels: {app: httpbin}}
      action: ALLOW
      rules:
      - from: [{source: {principals: [%1$s/ns/sample/sa/sleep]}}]
        to: [{operation: {methods: [GET], paths: [/headers, /status/*]}}]
      - from: [{source: {namespaces: [authz-ns]}}]
        to: [{operation: {paths: [/ip]}}]
      - to: [{operation: {paths: [/anything/*]}}]
        when: [{key: 'request.headers[x-team]', values: [blue]}]
      - from: [{source: {requestPrincipals: [%2$s/*]}}]
        to: [{operation: {paths: [/get]}}]
        when: [{key: 'request.auth.claims[group]', values: [admins]}]
    ---
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: never-5xx, namespace: sample}
    spec:
      selector: {matchLabels: {app: httpbin}}
      action: DENY
      rules:
      - to: [{operation: {paths: [/status/5*]}}]
    """
        .formatted(trustDomain, DemoTokens.ISSUER, jwks);
  }
}
