package io.selvage.it.doctor;

import io.selvage.it.doctor.Breakage.Heal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Every way of breaking a mesh that is tried. */
final class Breakages {
  private static final Set<Patient.Mesh> BOTH = EnumSet.allOf(Patient.Mesh.class);

  private Breakages() {}

  static List<Breakage> all() {
    List<Breakage> all = new ArrayList<>();
    all.addAll(policies());
    all.addAll(transport());
    all.addAll(injection());
    all.addAll(controlPlane());
    return List.copyOf(all);
  }

  /** Those for one mesh. */
  static Stream<Breakage> on(Patient.Mesh mesh) {
    return all().stream().filter(one -> one.meshes().contains(mesh));
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

  private static String mode(String namespace, String mode) {
    return """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: default, namespace: %s}
    spec: {mtls: {mode: %s}}
    ---
    """
        .formatted(namespace, mode);
  }

  private static List<Breakage> policies() {
    return List.of(
        Breakage.written("SLV4004", "an empty spec in a namespace", policy("deny-all", "{}"))
            .ofRow("R6")
            .healedByItsFix(),
        Breakage.written(
                "SLV4003",
                "a selector with a letter wrong",
                policy(
                    "allow-sleep",
                    "{selector: {matchLabels: {app: httpbni}}, action: DENY, rules: [{to:"
                        + " [{operation: {paths: [/admin*]}}]}]}"))
            .ofRow("R6"),
        Breakage.written(
                "SLV4006",
                "principals where plaintext is let in",
                policy(
                    "deny-sleep",
                    "{selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{from:"
                        + " [{source: {principals: [cluster.local/ns/sample/sa/sleep]}}]}]}"))
            .ofRow("R6"),
        Breakage.written(
                "SLV4008",
                "a caller that does not exist",
                mode("istio-system", "STRICT")
                    + policy(
                        "allow-slepe",
                        "{selector: {matchLabels: {app: httpbin}}, rules: [{from: [{source:"
                            + " {principals: [cluster.local/ns/sample/sa/slepe]}}]}]}"))
            .ofRow("R6"),
        Breakage.written(
            "SLV4014",
            "everything for everybody",
            policy("allow-all", "{selector: {matchLabels: {app: httpbin}}, rules: [{}]}")),
        Breakage.written(
            "SLV4010",
            "a path that is denied in one spelling",
            policy(
                "deny-admin",
                "{selector: {matchLabels: {app: httpbin}}, action: DENY, rules: [{to: [{operation:"
                    + " {paths: [/admin]}}]}]}")));
  }

  private static List<Breakage> transport() {
    return List.of(
        Breakage.written("SLV2003", "a namespace that takes plaintext", mode("sample", "PERMISSIVE"))
            .ofRow("R1"),
        Breakage.written(
                "SLV2004",
                "a DestinationRule that switches TLS off where it is required",
                mode("istio-system", "STRICT")
                    + """
                    apiVersion: networking.istio.io/v1
                    kind: DestinationRule
                    metadata: {name: httpbin, namespace: sample}
                    spec: {host: httpbin.sample.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
                    """)
            .ofRow("R1"));
  }

  private static List<Breakage> injection() {
    return List.of(
        new Breakage(
            "SLV3001",
            "a namespace of a revision that is gone",
            "R5",
            BOTH,
            Set.of(),
            patient ->
                patient
                    .kubectl()
                    .apply(
                        "{apiVersion: v1, kind: Namespace, metadata: {name: lost, labels:"
                            + " {istio.io/rev: 1-27}}}"),
            new Heal.ByHand(
                patient -> patient.kubectl().run("delete", "namespace", "lost").well())));
  }

  private static List<Breakage> controlPlane() {
    return List.of(
        new Breakage(
                "SLV6001",
                "a ClusterRole without customresourcedefinitions",
                "R7",
                Set.of(Patient.Mesh.ISTIO),
                Set.of(),
                patient ->
                    patient
                        .kubectl()
                        .shell(
                            """
                            kubectl --context="${CTX}" get clusterrole istiod-clusterrole-istio-system -o json \
                            | python3 -c 'import json, sys
                            role = json.load(sys.stdin)
                            role["rules"] = [r for r in role["rules"] if "customresourcedefinitions" not in r["resources"]]
                            print(json.dumps(role))' | kubectl --context="${CTX}" replace -f -
                            """)
                        .well(),
                new Heal.ByItsFix())
            .ofRow("R7"));
  }
}
