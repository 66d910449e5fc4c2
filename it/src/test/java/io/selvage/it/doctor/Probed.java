package io.selvage.it.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.selvage.doctor.Diagnosis;
import io.selvage.doctor.Result;
import io.selvage.doctor.Status;
import io.selvage.doctor.evidence.ClusterEvidence;
import io.selvage.doctor.evidence.Evidence;
import io.selvage.doctor.evidence.ProbeOutcome;
import io.selvage.doctor.fix.FixPlan;
import io.selvage.doctor.kubernetes.probe.LeftOvers;
import io.selvage.doctor.probe.Conversation;
import io.selvage.it.cluster.Kubectl;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** One mesh, probed and mended, in this order. */
final class Probed {
  private static final String STRICT =
      """
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: sample}
      spec: {mtls: {mode: STRICT}}
      """;

  private static final List<String> BY_TRAFFIC =
      List.of(
          "SLV1010", "SLV2001", "SLV2002", "SLV2007", "SLV2008", "SLV3004", "SLV4001", "SLV4002",
          "SLV4010");

  private final Patient patient;

  Probed(Patient patient) {
    this.patient = patient;
    kubectl().apply(STRICT);
  }

  Stream<DynamicTest> tests() {
    return patient.mesh() == Patient.Mesh.ISTIO
        ? Stream.concat(ofEachMesh(), ofAnyMesh())
        : ofEachMesh();
  }

  private Stream<DynamicTest> ofEachMesh() {
    return Stream.of(
        DynamicTest.dynamicTest(
            "what holds is proved by traffic", this::whatHoldsIsProvedByTraffic),
        DynamicTest.dynamicTest(
            "a conversation is asked from the users own pod",
            this::aConversationIsAskedFromTheUsersOwnPod),
        DynamicTest.dynamicTest(
            "another cas bundle is replaced by the root that verifies what is served",
            this::anotherCasBundleIsReplacedByTheRootThatVerifiesWhatIsServed));
  }

  /** What the doctor and its fixes do to objects alone, whosever they are. */
  private Stream<DynamicTest> ofAnyMesh() {
    return Stream.of(
        DynamicTest.dynamicTest(
            "nothing stays of a doctor that is interrupted",
            this::nothingStaysOfADoctorThatIsInterrupted),
        DynamicTest.dynamicTest(
            "what a killed doctor left is found once its time is over",
            this::whatAKilledDoctorLeftIsFoundOnceItsTimeIsOver),
        DynamicTest.dynamicTest(
            "plaintext is closed by a fix that can be undone",
            this::plaintextIsClosedByAFixThatCanBeUndone),
        DynamicTest.dynamicTest(
            "a policy that denies everything goes and comes back",
            this::aPolicyThatDeniesEverythingGoesAndComesBack));
  }

  private Kubectl kubectl() {
    return patient.kubectl();
  }

  private Probing probing() {
    return new Probing(patient.client(), patient.kubectl().context());
  }

  private static Set<Status> statuses(Diagnosis diagnosis, String code) {
    return results(diagnosis, code).stream()
        .map(Result::status)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Status.class)));
  }

  private static List<Result> results(Diagnosis diagnosis, String code) {
    return diagnosis.results().stream().filter(one -> one.code().equals(code)).toList();
  }

  /** Private namespaces that are there. */
  private String left() {
    return kubectl()
        .run("get", "namespaces", "-o", "name", "-l", "app.kubernetes.io/managed-by=selvage-doctor")
        .well()
        .out();
  }

  private void nothingStays() throws Exception {
    Until.seen("nothing stays", this::left, ""::equals);
  }

  private void whatHoldsIsProvedByTraffic() throws Exception {
    Evidence evidence = probing().probe();
    Diagnosis diagnosis = Patient.examine(evidence);
    for (String code : BY_TRAFFIC) {
      assertThat(statuses(diagnosis, code))
          .as("%s: %s", code, results(diagnosis, code))
          .containsExactly(Status.PASS);
    }
    assertThat(Patient.open(diagnosis)).as("no false alarm").isEmpty();
    assertThat(Patient.open(Patient.examine(patient.bundled(evidence)))).isEmpty();
    nothingStays();
  }

  private void aConversationIsAskedFromTheUsersOwnPod() throws Exception {
    ClusterEvidence seen = probing().look();
    ClusterEvidence asked =
        probing()
            .prober()
            .converse(seen, Conversation.of("sleep.sample", "httpbin.sample:8000").orElseThrow())
            .into(seen);
    assertThat(asked.probes().found().orElseThrow())
        .extracting(ProbeOutcome::purpose, ProbeOutcome::from, ProbeOutcome::result)
        .contains(tuple(ProbeOutcome.Purpose.MESH_IDENTITY, "sample/sleep", "200"));
    assertThat(asked.probes().found().orElseThrow())
        .filteredOn(one -> one.purpose() == ProbeOutcome.Purpose.PEER_SEEN)
        .singleElement()
        .satisfies(
            one ->
                assertThat(one.details().get("x-forwarded-client-cert"))
                    .contains("URI=spiffe://cluster.local/ns/sample/sa/sleep")
                    .contains("Hash=" + one.details().get("peer-hash")));
  }

  private void nothingStaysOfADoctorThatIsInterrupted() throws Exception {
    Process doctor =
        Tool.start(
            Map.of(),
            Tool.java(
                List.of("-Xmx256m"),
                Probing.class,
                patient.kubectl().kubeconfig().toString(),
                patient.kubectl().context()));
    try {
      Until.seen("it has begun", this::left, left -> left.contains("selvage-probe-"));
      Tool.run(Map.of(), List.of("kill", "-INT", Long.toString(doctor.pid()))).well();
      assertThat(doctor.waitFor(30, TimeUnit.SECONDS)).as("it ends").isTrue();
      assertThat(doctor.exitValue()).isEqualTo(130);
    } finally {
      doctor.destroyForcibly();
    }
    nothingStays();
  }

  private void whatAKilledDoctorLeftIsFoundOnceItsTimeIsOver() throws Exception {
    Instant now = patient.now();
    kubectl()
        .apply(
            leftOver("selvage-probe-old", now.minus(Duration.ofMinutes(1)))
                + leftOver("selvage-probe-new", now.plus(Duration.ofMinutes(9))));
    assertThat(new LeftOvers(patient.client()).removeExpired(now))
        .containsExactly("selvage-probe-old");
    assertThat(new LeftOvers(patient.client()).removeExpired(now.plus(Duration.ofMinutes(10))))
        .containsExactly("selvage-probe-new");
    nothingStays();
  }

  private static String leftOver(String name, Instant expires) {
    return """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: %s
      labels: {app.kubernetes.io/managed-by: selvage-doctor}
      annotations: {selvage.io/probe-expires: "%s"}
    ---
    """
        .formatted(name, expires);
  }

  private void plaintextIsClosedByAFixThatCanBeUndone() throws Exception {
    kubectl().apply(STRICT.replace("STRICT", "PERMISSIVE"));
    Fixing fixing = new Fixing(patient, "SLV2003");
    FixPlan plan = fixing.plan();
    assertThat(plan.diff())
        .containsExactly("- /spec/mtls/mode: \"PERMISSIVE\"", "+ /spec/mtls/mode: \"STRICT\"");
    String run = fixing.heal(plan);
    assertThat(mode()).isEqualTo("STRICT");
    fixing.undo(run);
    assertThat(mode()).isEqualTo("PERMISSIVE");
    kubectl().apply(STRICT);
  }

  private String mode() {
    return kubectl()
        .get("peerauthentication", "default", "-n", "sample")
        .at("/spec/mtls/mode")
        .asString();
  }

  private void aPolicyThatDeniesEverythingGoesAndComesBack() throws Exception {
    String nobody =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: nobody, namespace: sample}
        spec: {}
        """;
    kubectl().apply(nobody);
    Fixing fixing = new Fixing(patient, "SLV4004");
    String run = fixing.heal(fixing.plan());
    fixing.undo(run);
    assertThat(kubectl().get("authorizationpolicy", "nobody", "-n", "sample").path("spec"))
        .isEmpty();
    kubectl().delete(nobody);
  }

  /** The control plane would mend it at once if it still could. */
  private void anotherCasBundleIsReplacedByTheRootThatVerifiesWhatIsServed() throws Exception {
    Set<String> writes = Set.of("update", "patch");
    try (Rights _ = Rights.without(kubectl(), "mutatingwebhookconfigurations", writes)) {
      String other =
          Base64.getEncoder()
              .encodeToString(
                  kubectl()
                      .get("configmap", "kube-root-ca.crt", "-n", "sample")
                      .at("/data/ca.crt")
                      .asString()
                      .getBytes(StandardCharsets.US_ASCII));
      String injector = injector();
      Until.holds(
          "the control plane may not write it any more",
          () -> {
            kubectl()
                .run(
                    "patch",
                    "mutatingwebhookconfiguration",
                    injector,
                    "--type=json",
                    "-p",
                    """
                    [{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": "%s"}]
                    """
                        .formatted(other))
                .well();
            return bundle(injector).equals(other);
          });
      Fixing fixing = new Fixing(patient, "SLV3002");
      fixing.heal(fixing.plan());
      assertThat(bundle(injector)).isNotEqualTo(other).isNotEmpty();
    }
  }

  private String injector() {
    return patient.mesh() == Patient.Mesh.ISTIO
        ? "istio-sidecar-injector"
        : "selvage-sidecar-injector";
  }

  private String bundle(String injector) {
    return kubectl()
        .get("mutatingwebhookconfiguration", injector)
        .at("/webhooks/0/clientConfig/caBundle")
        .asString("");
  }
}
