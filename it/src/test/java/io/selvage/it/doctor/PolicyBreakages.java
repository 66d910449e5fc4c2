package io.selvage.it.doctor;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import java.util.List;

/** Policies that do not do what their author meant. */
final class PolicyBreakages {
  private PolicyBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        Breakage.written("SLV4004", "R6", "an empty spec in a namespace", policy("deny-all", "{}"))
            .healedByItsFix(),
        Breakage.written(
            "SLV4003",
            "R6",
            "a selector with two letters swapped",
            policy(
                "deny-admin",
                "{selector: {matchLabels: {app: httpbni}}, action: DENY, rules: [{to:"
                    + " [{operation: {paths: [/admin*]}}]}]}")),
        Breakage.written(
            "SLV4006",
            "R6",
            "callers that are named where plaintext is let in",
            policy(
                "deny-sleep",
                "{selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{from:"
                    + " [{source: {principals: [cluster.local/ns/sample/sa/sleep]}}]}]}")),
        Breakage.written(
                "SLV4007",
                "R6",
                "a method of HTTP at a port of TCP",
                policy(
                        "deny-post",
                        "{selector: {matchLabels: {app: sleep}}, action: DENY, rules: [{to:"
                            + " [{operation: {methods: [POST]}}]}]}")
                    + """
                apiVersion: v1
                kind: Service
                metadata: {name: sleep, namespace: sample}
                spec: {selector: {app: sleep}, ports: [{name: tcp, port: 9000}]}
                """)
            .with("SLV4005"),
        Breakage.written(
            "SLV4005",
            "R6",
            "a workload that was forgotten when others got policies",
            policy(
                    "deny-admin",
                    "{selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{to:"
                        + " [{operation: {paths: [/admin*]}}]}]}")
                + """
                apiVersion: v1
                kind: Service
                metadata: {name: sleep, namespace: sample}
                spec: {selector: {app: sleep}, ports: [{name: tcp, port: 9000}]}
                """),
        Breakage.written(
            "SLV4009",
            "R6",
            "a DENY that takes all that an ALLOW gives",
            TransportBreakages.mode("istio-system", "STRICT")
                + policy(
                    "allow-sleep",
                    "{selector: {matchLabels: {app: httpbin}}, rules: [{from: [{source:"
                        + " {principals: [cluster.local/ns/sample/sa/sleep]}}], to: [{operation:"
                        + " {methods: [GET]}}]}]}")
                + policy(
                    "deny-get",
                    "{selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{to:"
                        + " [{operation: {methods: [GET]}}]}]}")),
        Breakage.written(
            "SLV4008",
            "R6",
            "a caller that does not exist",
            TransportBreakages.mode("istio-system", "STRICT")
                + policy(
                    "allow-slepe",
                    "{selector: {matchLabels: {app: httpbin}}, rules: [{from: [{source:"
                        + " {principals: [cluster.local/ns/sample/sa/slepe]}}]}]}")),
        Breakage.written(
            "SLV4010",
            "R6",
            "a path that is denied in one spelling",
            policy(
                "deny-admin",
                "{selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{to: [{operation:"
                    + " {paths: [/admin]}}]}]}")),
        Breakage.written(
            "SLV4012",
            "",
            "an authorizer that nobody knows",
            policy(
                "ask",
                "{selector: {matchLabels: {app: httpbin}}, action: CUSTOM, provider: {name: nobody},"
                    + " rules: [{to: [{operation: {paths: [/admin*]}}]}]}")),
        Breakage.written(
            "SLV4014",
            "",
            "everything for everybody",
            policy("allow-all", "{selector: {matchLabels: {app: httpbin}}, rules: [{}]}")),
        Breakage.written(
            "SLV5005",
            "",
            "tokens that are checked and not required",
            """
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: {name: users, namespace: sample}
            spec:
              selector: {matchLabels: {app: httpbin}}
              jwtRules: [{issuer: users.invalid, jwks: '%s'}]
            """
                .formatted(keySet())),
        Breakage.written(
                "SLV5006",
                "R10",
                "keys of tokens that are fetched from the control plane's own host",
                """
                apiVersion: security.istio.io/v1
                kind: RequestAuthentication
                metadata: {name: users, namespace: sample}
                spec:
                  selector: {matchLabels: {app: httpbin}}
                  jwtRules: [{issuer: users.invalid, jwksUri: "http://169.254.169.254/keys"}]
                """)
            .with("SLV5005"));
  }

  private static String keySet() {
    try {
      return new JWKSet(new RSAKeyGenerator(2048).keyID("one").generate()).toString();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String policy(String name, String spec) {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: sample}
    spec: %s
    ---
    """
        .formatted(name, spec);
  }
}
