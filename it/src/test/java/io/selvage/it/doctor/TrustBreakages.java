package io.selvage.it.doctor;

import io.selvage.it.doctor.Breakage.Heal;
import java.util.List;
import java.util.Set;

/** Roots, the CA's key and the trust domain: what all certificates hang on. */
final class TrustBreakages {
  private TrustBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        plugged(
            "SLV1001",
            "a CA that was plugged in while the control plane goes on with its own",
            PluggedInCa.RIGHT),
        plugged(
            "SLV1003",
            "a CA that was plugged in without its intermediate",
            new PluggedInCa(3650, "rsa:2048", "sha256", false)),
        plugged(
            "SLV1003",
            "a CA that was plugged in with RSA-1024 keys and SHA-1 signatures",
            new PluggedInCa(3650, "rsa:1024", "sha1", true)),
        plugged("SLV1002", "a CA that was plugged in and ends in three weeks", new PluggedInCa(20)),
        Breakage.of(
                "SLV1004",
                "R3 R4",
                "a namespace whose root is another CA's, which the control plane may not mend",
                patient -> {
                  Rights.without(patient.kubectl(), "configmaps", Set.of("update", "patch"));
                  patient
                      .kubectl()
                      .shell(
                          """
                          kubectl --context="${CTX}" get configmap kube-root-ca.crt -n sample -o json | python3 -c 'import json, sys
                          print(json.dumps({"data": {"root-cert.pem": json.load(sys.stdin)["data"]["ca.crt"]}}))' |
                          kubectl --context="${CTX}" patch configmap istio-ca-root-cert -n sample --type=merge --patch-file=/dev/stdin
                          """)
                      .well();
                },
                new Heal.ByItsFix(ControlPlaneBreakages::restoreRole))
            .with("SLV6001"),
        Breakage.of(
                "SLV1009",
                "R3 R6",
                "a trust domain that was changed, without an alias for the old one",
                patient -> setting(patient, "cluster.local", "new.example"),
                new Heal.ByItsFix())
            .afterwards(
                patient -> {
                  setting(patient, "new.example", "cluster.local");
                  setting(patient, "\\ntrustDomainAliases:\\n- cluster.local", "");
                }),
        Breakage.written(
            "SLV1011",
            "",
            "a Role by which every ServiceAccount reads the CA's key",
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: read-secrets, namespace: istio-system}
            rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: read-secrets, namespace: istio-system}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: read-secrets}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:serviceaccounts"}]
            """),
        Breakage.written(
            "SLV6006",
            "",
            "a ClusterRole by which everybody writes policies",
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: write-policies}
            rules: [{apiGroups: [security.istio.io], resources: ["*"], verbs: ["*"]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: write-policies}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: write-policies}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:authenticated"}]
            """));
  }

  private static Breakage plugged(String code, String what, PluggedInCa ca) {
    Breakage row = Breakage.of(code, "R3", what, ca::write, new Heal.ByHand(PluggedInCa::remove));
    return code.equals("SLV1001") ? row : row.with("SLV1001");
  }

  /** Replaces a text of the mesh's settings. */
  static void setting(Patient patient, String from, String to) {
    replace(patient, "istio", "mesh", from, to);
  }

  /** Replaces a text in a ConfigMap of the control plane's; as in a string of Python's. */
  static void replace(Patient patient, String map, String key, String from, String to) {
    patient
        .kubectl()
        .shell(
            """
            kubectl --context="${CTX}" get configmap %1$s -n istio-system -o json | python3 -c 'import json, sys
            settings = json.load(sys.stdin)
            settings["data"]["%2$s"] = settings["data"]["%2$s"].replace("%3$s", "%4$s")
            print(json.dumps(settings))' | kubectl --context="${CTX}" replace -f -
            """
                .formatted(map, key, from, to))
        .well();
  }
}
