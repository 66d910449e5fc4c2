package io.selvage.it.doctor;

import io.selvage.it.cluster.Application;
import io.selvage.it.doctor.Breakage.Heal;
import io.selvage.it.stage.Until;
import java.util.List;

/** TLS that is not what it should be, between workloads and at the edges. */
final class TransportBreakages {
  private TransportBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        Breakage.written(
            "SLV2003", "R1", "a namespace that takes plaintext", mode("sample", "PERMISSIVE")),
        Breakage.written(
            "SLV2004",
            "R1",
            "a DestinationRule that switches TLS off where it is required",
            mode("istio-system", "STRICT")
                + """
                apiVersion: networking.istio.io/v1
                kind: DestinationRule
                metadata: {name: httpbin, namespace: sample}
                spec: {host: httpbin.sample.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
                """),
        Breakage.of(
            "SLV2006",
            "R1",
            "a port that is taken out of capture",
            patient -> {
              patient.kubectl().apply(mode("istio-system", "STRICT"));
              exclude(patient, "\"8080\"");
            },
            new Heal.ByHand(
                patient -> {
                  patient.kubectl().delete(mode("istio-system", "STRICT"));
                  exclude(patient, "null");
                })),
        Breakage.written(
                "SLV2009",
                "R1",
                "a gateway that takes TLS 1.0",
                gateway("{mode: SIMPLE, credentialName: web, minProtocolVersion: TLSV1_0}")
                    + certificate("web"))
            .on(Patient.Mesh.ISTIO),
        Breakage.written(
                "SLV9001",
                "",
                "a gateway whose certificate is not there",
                gateway("{mode: SIMPLE, credentialName: web}"))
            .on(Patient.Mesh.ISTIO),
        Breakage.written(
            "SLV9002",
            "",
            "TLS to a server outside that anybody may answer",
            """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: outside, namespace: sample}
            spec: {host: api.example, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}}
            """),
        Breakage.written(
            "SLV9004",
            "",
            "a way to the whole internet",
            """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: everything, namespace: sample}
            spec: {hosts: ["*.com"], ports: [{number: 443, name: tls, protocol: TLS}], resolution: NONE}
            """),
        Breakage.written(
            "SLV2013",
            "",
            "a policy on paths of a port that does not say what it speaks",
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: deny-admin, namespace: sample}
            spec: {selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{to: [{operation: {paths: [/admin*]}}]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: plain, namespace: sample}
            spec: {selector: {app: httpbin}, ports: [{port: 9000}]}
            """),
        Breakage.written(
                "SLV2005",
                "R1",
                "an EnvoyFilter that takes a port's filter chains away",
                """
                apiVersion: networking.istio.io/v1alpha3
                kind: EnvoyFilter
                metadata: {name: without-chains, namespace: sample}
                spec:
                  workloadSelector: {labels: {app: httpbin}}
                  configPatches:
                  - applyTo: FILTER_CHAIN
                    match: {context: SIDECAR_INBOUND, listener: {filterChain: {destinationPort: 8080, transportProtocol: tls}}}
                    patch: {operation: REMOVE}
                """)
            .on(Patient.Mesh.ISTIO),
        Breakage.of(
                "SLV2010",
                "R1",
                "a caller without a sidecar",
                patient -> {
                  patient
                      .kubectl()
                      .apply(Application.namespace("late", "{}") + Application.sleep("late"));
                  patient.kubectl().awaitRollout("late", "sleep");
                  patient
                      .kubectl()
                      .exec(
                          "late", "sleep", "sleep", "curl", "-s", "http://httpbin.sample:8000/get")
                      .well();
                },
                new Heal.ByHand(
                    patient -> {
                      patient.kubectl().run("delete", "namespace", "late").well();
                      patient
                          .kubectl()
                          .run("rollout", "restart", "deployment/httpbin", "-n", Patient.SAMPLE)
                          .well();
                      patient.awaitRollout("httpbin");
                    }))
            .on(Patient.Mesh.SELVAGE),
        Breakage.of(
                "SLV2012",
                "R4",
                "clients that expect another name of a server than its certificate has",
                patient -> {
                  accessLog(patient);
                  patient.kubectl().apply(OTHER_NAME);
                  Until.holds("calls fail", () -> call(patient).equals("503"));
                  callUntilLogged(patient, "sleep", "VERIFY_FAILED");
                  patient.turn();
                  callUntilLogged(patient, "sleep", "VERIFY_FAILED");
                  callUntilLogged(patient, "sleep", "VERIFY_FAILED");
                },
                new Heal.ByHand(
                    patient -> {
                      patient.kubectl().delete(OTHER_NAME);
                      Until.holds("calls succeed", () -> call(patient).equals("200"));
                    }))
            .lasting()
            .afterwards(TransportBreakages::noAccessLog),
        Breakage.of(
                "SLV4013",
                "R6",
                "a caller that no ALLOW names, and that goes on calling",
                patient -> {
                  accessLog(patient);
                  patient.kubectl().apply(ALLOW_POST);
                  Until.holds("calls are denied", () -> call(patient).equals("403"));
                  callUntilLogged(patient, "httpbin", "matched_policy[none]");
                  patient.turn();
                  callUntilLogged(patient, "httpbin", "matched_policy[none]");
                  callUntilLogged(patient, "httpbin", "matched_policy[none]");
                },
                new Heal.ByHand(
                    patient -> {
                      patient.kubectl().delete(ALLOW_POST);
                      Until.holds("calls succeed", () -> call(patient).equals("200"));
                    }))
            .lasting()
            .afterwards(TransportBreakages::noAccessLog));
  }

  private static final String ALLOW_POST =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: allow-post, namespace: sample}
      spec: {selector: {matchLabels: {app: httpbin}}, rules: [{to: [{operation: {methods: [POST]}}]}]}
      """;

  private static final String OTHER_NAME =
      """
      apiVersion: networking.istio.io/v1
      kind: DestinationRule
      metadata: {name: httpbin, namespace: sample}
      spec:
        host: httpbin.sample.svc.cluster.local
        trafficPolicy: {tls: {mode: ISTIO_MUTUAL, subjectAltNames: ["spiffe://cluster.local/ns/sample/sa/somebody-else"]}}
      """;

  /** A policy of {@code httpbin} about paths, at the port that says that it speaks HTTP. */
  static String denyAdmin() {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: deny-admin, namespace: sample}
    spec:
      selector: {matchLabels: {app: httpbin}}
      action: DENY
      rules: [{to: [{operation: {paths: ["/admin*"], ports: ["8080"]}}]}]
    """;
  }

  /** A policy that closes {@code httpbin} for everybody. */
  static String denyAll() {
    return """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: deny-all, namespace: sample}
    spec: {selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{}]}
    """;
  }

  /** Proxies log no requests until they are told to. */
  private static void accessLog(Patient patient) {
    TrustBreakages.setting(patient, "trustDomain:", "accessLogFile: /dev/stdout\\ntrustDomain:");
  }

  private static void noAccessLog(Patient patient) {
    TrustBreakages.setting(patient, "accessLogFile: /dev/stdout\\n", "");
  }

  /** Calls until one call more than before has a line with a mark. */
  private static void callUntilLogged(Patient patient, String app, String mark) throws Exception {
    long before = lines(patient, app, mark);
    Until.holds(
        "a call is logged",
        () -> {
          var _ = call(patient);
          return lines(patient, app, mark) > before;
        });
  }

  private static long lines(Patient patient, String app, String mark) {
    return patient
        .kubectl()
        .logs(Patient.SAMPLE, app, "-c", "istio-proxy", "--tail=500")
        .lines()
        .filter(line -> line.contains(mark))
        .count();
  }

  /** Of {@code sleep} to {@code httpbin}; gives the status. */
  static String call(Patient patient) {
    return patient
        .kubectl()
        .exec(
            Patient.SAMPLE,
            "sleep",
            "sleep",
            "curl",
            "-s",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "http://httpbin.sample:8000/headers")
        .out();
  }

  /** What a namespace asks of all callers. */
  static String mode(String namespace, String mode) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: default, namespace: %s}
    spec: {mtls: {mode: %s}}
    ---
    """
        .formatted(namespace, mode);
  }

  private static void exclude(Patient patient, String ports) throws Exception {
    patient
        .kubectl()
        .run(
            "patch",
            "deployment",
            "httpbin",
            "-n",
            "sample",
            "-p",
            ("{\"spec\": {\"template\": {\"metadata\": {\"annotations\":"
                    + " {\"traffic.sidecar.istio.io/excludeInboundPorts\": %s}}}}}")
                .formatted(ports))
        .well();
    patient.awaitRollout("httpbin");
  }

  private static String gateway(String tls) {
    return """
    apiVersion: networking.istio.io/v1
    kind: Gateway
    metadata: {name: web, namespace: istio-system}
    spec:
      selector: {istio: ingressgateway}
      servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: [web.example], tls: %s}]
    ---
    """
        .formatted(tls);
  }

  private static String certificate(String name) {
    return ServingSecret.of("istio-system", name, "web.example");
  }
}
