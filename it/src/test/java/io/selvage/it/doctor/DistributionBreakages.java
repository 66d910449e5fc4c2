package io.selvage.it.doctor;

import io.selvage.it.cluster.KubernetesCluster.Barred;
import io.selvage.it.doctor.Breakage.Heal;
import io.selvage.it.stage.Until;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Configuration that does not arrive where it should. */
final class DistributionBreakages {
  private static final int SECURE_PORT = 15_012;
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: another, namespace: sample}
      spec: {selector: {app: httpbin}, ports: [{name: http, port: 8001, targetPort: 8080}]}
      """;

  /** What is written a moment ago, or was sent, may still be under way. */
  private static final Duration ARRIVED = Duration.ofSeconds(50);

  private DistributionBreakages() {}

  /** All. */
  static List<Breakage> all() {
    return List.of(
        Breakage.written(
                "SLV7001",
                "R6",
                "an EnvoyFilter that no proxy accepts",
                """
                apiVersion: networking.istio.io/v1alpha3
                kind: EnvoyFilter
                metadata: {name: broken, namespace: sample}
                spec:
                  configPatches:
                  - applyTo: CLUSTER
                    match: {context: SIDECAR_OUTBOUND}
                    patch: {operation: ADD, value: {name: broken, type: STATIC, connect_timeout: 0s}}
                """)
            .on(Patient.Mesh.ISTIO),
        frozen(),
        barred(),
        withoutFilter(),
        forgotten(),
        passedBy(),
        definition());
  }

  private static Breakage frozen() {
    return Breakage.of(
            "SLV7001",
            "R6",
            "a proxy that hangs",
            patient -> {
              patient.cluster().freeze(proxyOf(patient, "sleep"));
              patient.kubectl().apply(SERVICE);
              patient.lookFromAhead(ARRIVED);
            },
            new Heal.ByHand(
                patient -> {
                  patient.cluster().thaw(proxyOf(patient, "sleep"));
                  patient.lookAsBefore();
                  patient.kubectl().delete(SERVICE);
                }))
        .on(Patient.Mesh.SELVAGE);
  }

  private static Breakage barred() {
    return Breakage.of(
        "SLV7002",
        "R4",
        "a workload whose way to the control plane is barred",
        patient -> {
          String address = pod(patient, "sleep").at("/status/podIP").asString();
          String begun = patient.now().toString();
          String lost = patient.mesh() == Patient.Mesh.ISTIO ? "upstream" : "no xDS stream";
          patient.cluster().bar(address, SECURE_PORT, Barred.SAYS);
          patient.kubectl().apply(SERVICE); // the proxy is reset when it acknowledges
          Until.holds("it has lost its stream", () -> log(patient, begun).contains(lost));
          patient.cluster().bar(address, SECURE_PORT, Barred.HEARS); // and now the control plane
          patient.lookFromAhead(ARRIVED);
        },
        new Heal.ByHand(
            patient -> {
              patient.cluster().unbar();
              patient.lookAsBefore();
              patient.kubectl().delete(SERVICE);
            }));
  }

  private static Breakage withoutFilter() {
    String objects =
        TransportBreakages.denyAdmin()
            + """
        ---
        apiVersion: networking.istio.io/v1alpha3
        kind: EnvoyFilter
        metadata: {name: without-policy, namespace: sample}
        spec:
          workloadSelector: {labels: {app: httpbin}}
          configPatches:
          - applyTo: HTTP_FILTER
            match:
              context: SIDECAR_INBOUND
              listener:
                filterChain:
                  filter:
                    name: envoy.filters.network.http_connection_manager
                    subFilter: {name: envoy.filters.http.rbac}
            patch: {operation: REMOVE}
        """;
    return Breakage.of(
            "SLV4011",
            "R6",
            "an EnvoyFilter that takes the filter of policies away",
            patient -> {
              patient.kubectl().apply(objects);
              patient.lookFromAhead(ARRIVED);
            },
            new Heal.ByHand(
                patient -> {
                  patient.lookAsBefore();
                  patient.kubectl().delete(objects);
                }))
        .on(Patient.Mesh.ISTIO);
  }

  private static Breakage forgotten() {
    UnreadPolicies unread = new UnreadPolicies();
    String policy = TransportBreakages.denyAll();
    return Breakage.of(
            "SLV4011",
            "R6",
            "a control plane that may not read policies any more",
            patient -> {
              unread.begin(patient);
              patient.kubectl().apply(policy);
              patient.lookFromAhead(ARRIVED);
            },
            unread.readAgain(policy))
        .with("SLV6001")
        .on(Patient.Mesh.SELVAGE);
  }

  private static Breakage passedBy() {
    UnreadPolicies unread = new UnreadPolicies();
    String policy = TransportBreakages.denyAll();
    return Breakage.of(
            "SLV9003",
            "R1 R6",
            "a workload that starts while the control plane may not read the policy that closes it",
            patient -> {
              unread.begin(patient);
              patient.kubectl().apply(policy);
              patient
                  .kubectl()
                  .run("rollout", "restart", "deployment/httpbin", "-n", Patient.SAMPLE)
                  .well();
              patient.awaitRollout("httpbin");
              Until.holds("a call succeeds", () -> TransportBreakages.call(patient).equals("200"));
              patient.lookFromAhead(ARRIVED);
            },
            unread.readAgain(policy))
        .with("SLV4011", "SLV6001")
        .on(Patient.Mesh.SELVAGE);
  }

  private static String log(Patient patient, String since) {
    return patient
        .kubectl()
        .logs(Patient.SAMPLE, "sleep", "-c", "istio-proxy", "--since-time=" + since);
  }

  private static JsonNode pod(Patient patient, String app) {
    return patient.kubectl().get("pods", "-n", Patient.SAMPLE, "-l", "app=" + app).at("/items/0");
  }

  /** The id of its sidecar's container. */
  private static String proxyOf(Patient patient, String app) {
    JsonNode status = pod(patient, app).path("status");
    for (String list : List.of("containerStatuses", "initContainerStatuses")) {
      for (JsonNode one : status.path(list)) {
        if (one.path("name").asString().equals("istio-proxy")) {
          return one.path("containerID").asString().replaceFirst("^containerd://", "");
        }
      }
    }
    throw new IllegalStateException("no sidecar in " + status);
  }

  private static Breakage definition() {
    Changed definition =
        new Changed("customresourcedefinition", "workloadentries.networking.istio.io");
    return Breakage.of(
        "SLV7004",
        "R7",
        "a definition of Istio's that somebody removed",
        patient -> definition.remove(patient.kubectl()),
        new Heal.ByHand(patient -> definition.restore(patient.kubectl())));
  }
}
