package io.selvage.it.doctor;

import io.selvage.it.doctor.Breakage.Heal;
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
            """));
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
