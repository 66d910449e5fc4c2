package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.probe.Conversation;
import io.selvage.it.cluster.Kubectl;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** One mesh that is broken in ways which only probes show. */
final class ProbedBroken {
  /** A Service of a Pod in the mesh where nobody listens. */
  private static final String DEAD =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: dead, namespace: sample}
      spec: {selector: {app: sleep}, ports: [{name: http, port: 9999}]}
      """;

  /** What callers say of themselves is passed on by every sidecar. */
  private static final String FORWARDED =
      """
      apiVersion: networking.istio.io/v1alpha3
      kind: EnvoyFilter
      metadata: {name: forward, namespace: istio-system}
      spec:
        configPatches:
        - applyTo: NETWORK_FILTER
          match: {context: SIDECAR_INBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
          patch:
            operation: MERGE
            value:
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                forward_client_cert_details: ALWAYS_FORWARD_ONLY
        - applyTo: NETWORK_FILTER
          match: {context: SIDECAR_OUTBOUND, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
          patch:
            operation: MERGE
            value:
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                forward_client_cert_details: ALWAYS_FORWARD_ONLY
      """;

  /** A namespace may allow what it wants: this denies it. */
  private static final String FRONT_PAGE =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: deny-front-page, namespace: istio-system}
      spec: {action: DENY, rules: [{to: [{operation: {paths: ["/"], ports: ["8080"]}}]}]}
      """;

  private final Patient patient;

  ProbedBroken(Patient patient) {
    this.patient = patient;
  }

  Stream<DynamicTest> tests() {
    DynamicTest both =
        DynamicTest.dynamicTest(
            "a ca and webhooks that do not answer are found by traffic",
            this::aCaAndWebhooksThatDoNotAnswerAreFoundByTraffic);
    DynamicTest traffic =
        DynamicTest.dynamicTest(
            "what is broken is found by traffic", this::whatIsBrokenIsFoundByTraffic);
    return patient.mesh() == Patient.Mesh.ISTIO
        ? Stream.of(
            both,
            DynamicTest.dynamicTest(
                "a caller with anothers certificate is shown by its header",
                this::aCallerWithAnothersCertificateIsShownByItsHeader),
            traffic)
        : Stream.of(both, traffic);
  }

  private Kubectl kubectl() {
    return patient.kubectl();
  }

  private Probing probing() {
    return new Probing(patient.client(), patient.kubectl().context());
  }

  private void aCaAndWebhooksThatDoNotAnswerAreFoundByTraffic() throws Exception {
    int port = InjectionBreakages.answerAt(patient, 15_999);
    startAnew(); // a connection that the API server has kept goes on to where it was led
    try (Rights _ = Rights.without(kubectl(), "tokenreviews", Set.of("create"))) {
      Diagnosis diagnosis = Patient.examine(probing().probe());
      if (patient.mesh() == Patient.Mesh.ISTIO) { // Selvage knows tokens by itself
        failed(diagnosis, "SLV1010", "the CA refused our request");
      }
      failed(diagnosis, "SLV3004", "failed calling webhook");
    } finally {
      InjectionBreakages.answerAt(patient, port);
    }
  }

  /** With no Pod left of those before, which serve their connections until they end. */
  private void startAnew() {
    String plane = patient.mesh().deployment();
    List<String> before =
        kubectl()
            .run("get", "pods", "-n", "istio-system", "-o", "name")
            .well()
            .out()
            .lines()
            .filter(name -> name.startsWith("pod/" + plane + "-"))
            .toList();
    kubectl().run("rollout", "restart", "deployment", plane, "-n", "istio-system").well();
    kubectl().awaitRollout("istio-system", plane);
    for (String pod : before) {
      kubectl().run("wait", "--for=delete", pod, "-n", "istio-system", "--timeout=60s").well();
    }
  }

  private void aCallerWithAnothersCertificateIsShownByItsHeader() throws Exception {
    new MountedCertificate(
            "spiffe://cluster.local/ns/sample/sa/sleep",
            true,
            Duration.ofMinutes(1),
            Duration.ofHours(1))
        .write(patient);
    try {
      kubectl().apply(WorkloadBreakages.odd(MountedCertificate.ANNOTATIONS));
      kubectl().awaitRollout(Patient.SAMPLE, "odd");
      ClusterEvidence seen = probing().look();
      Conversation asked = Conversation.of("odd.sample", "httpbin.sample:8000").orElseThrow();
      failed(
          Patient.examine(Probing.evidence(probing().prober().converse(seen, asked).into(seen))),
          "SLV2007",
          "URI spiffe://cluster.local/ns/sample/sa/sleep, expected"
              + " spiffe://cluster.local/ns/sample/sa/odd");
    } finally {
      WorkloadBreakages.gone(patient);
    }
  }

  private void whatIsBrokenIsFoundByTraffic() throws Exception {
    boolean istio = patient.mesh() == Patient.Mesh.ISTIO;
    if (istio) {
      kubectl().apply(FORWARDED);
    }
    String patch =
        """
        {"spec": {"template": {"metadata": {"annotations":
          {"traffic.sidecar.istio.io/excludeInboundPorts": "8080"}}}}}
        """;
    kubectl().run("patch", "deployment", "httpbin", "-n", "sample", "-p", patch).well();
    kubectl().awaitRollout("sample", "httpbin");
    kubectl().apply(DEAD + "---\n" + FRONT_PAGE);
    Diagnosis diagnosis = Patient.examine(probing().probeInHaste());
    failed(diagnosis, "SLV4002", "was meant to be allowed and got 403");
    failed(diagnosis, "SLV4002", "DENY istio-system/deny-front-page");
    failed(diagnosis, "SLV2001", "sample/httpbin:8080");
    failed(diagnosis, "SLV2002", "sample/sleep:9999");
    if (istio) {
      failed(diagnosis, "SLV2008", "passed a forged x-forwarded-client-cert on");
    }
  }

  private static void failed(Diagnosis diagnosis, String code, String says) {
    assertThat(List.copyOf(diagnosis.results()))
        .filteredOn(one -> one.code().equals(code))
        .as(code)
        .anySatisfy(
            result -> {
              assertThat(result.status()).isEqualTo(Status.FAIL);
              assertThat(result.toString()).contains(says);
            });
  }
}
