package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.EntryCommand.Container;
import io.selvage.it.stage.Tool.Ran;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Istio's own agent gets its certificate from our CA with a token, by the name of the CA's address,
 * and runs its Envoy against our control plane; workloads with it and with our proxy are one mesh.
 */
@Tag("real")
class PilotAgentTest {
  private static final String OURS = "ours";
  private static final String ISTIO = "istio";
  private static final Duration LIFE = Duration.ofSeconds(20);
  private static final String STRICT =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: "trustDomain: it.mesh"
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;
  private static final String DENY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: denied, namespace: sample}
      spec:
        action: DENY
        rules:
        - from: [{source: {principals: [it.mesh/ns/sample/sa/*]}}]
          to: [{operation: {paths: [/status/*]}}]
      """;

  @TempDir private static Path home;
  private static MixedMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    mesh = new MixedMesh(home);
    try {
      Files.writeString(mesh.folder().resolve("mesh.yaml"), STRICT);
      mesh.addOurs(OURS);
      mesh.addPilotAgent(ISTIO, LIFE);
      Until.seen("ours reaches istio", () -> status(OURS, ISTIO, "/ip"), "200"::equals);
      Until.seen("istio reaches ours", () -> status(ISTIO, OURS, "/ip"), "200"::equals);
    } catch (Exception | AssertionError e) {
      String diagnosis = mesh.diagnosis();
      mesh.close();
      throw new AssertionError(diagnosis, e);
    }
  }

  @AfterAll
  static void down() {
    mesh.close();
  }

  private static String status(String from, String to, String path) {
    return mesh.curl(
            from,
            Container.APPLICATION,
            to,
            List.of("-s", "-o", "/dev/null", "-w", "%{http_code}"),
            path)
        .out();
  }

  @Test
  void itsEnvoyTakesAllThatItIsSent() {
    Taken.isAll(mesh.client(ISTIO));
    assertThat(mesh.client(ISTIO).identity())
        .as("known by its token, since it shows no certificate")
        .hasValue("spiffe://it.mesh/ns/sample/sa/istio");
  }

  @Test
  void requestsArriveWithTheIdentityOfTheirSenderBothWays() {
    for (var pair : List.of(List.of(OURS, ISTIO), List.of(ISTIO, OURS))) {
      String from = pair.getFirst();
      String to = pair.getLast();
      assertThat(mesh.curl(from, Container.APPLICATION, to, List.of(), "/headers").well().out())
          .contains("By=spiffe://it.mesh/ns/sample/sa/" + to)
          .contains("URI=spiffe://it.mesh/ns/sample/sa/" + from);
    }
  }

  @Test
  void plaintextIsReset() {
    Ran ran = mesh.curl(OURS, Container.PROXY, ISTIO, List.of(), "/ip");

    assertThat(ran.exit()).as("%s", ran).isEqualTo(56);
  }

  @Test
  void aPolicyHoldsBothWays() throws Exception {
    Path policy = mesh.folder().resolve("deny.yaml");
    Files.writeString(policy, DENY);
    try {
      Until.seen("istio denies", () -> status(OURS, ISTIO, "/status/204"), "403"::equals);
      Until.seen("ours denies", () -> status(ISTIO, OURS, "/status/204"), "403"::equals);
      assertThat(status(OURS, ISTIO, "/ip")).isEqualTo("200");
    } finally {
      Files.delete(policy);
    }
    Until.seen("istio allows", () -> status(OURS, ISTIO, "/status/204"), "204"::equals);
  }

  @Test
  void itRenewsItsCertificateAndServesOn() throws Exception {
    String before = mesh.admin(ISTIO, "/certs");
    Until.seen(
        "another certificate",
        () -> {
          assertThat(status(OURS, ISTIO, "/ip")).isEqualTo("200");
          return mesh.admin(ISTIO, "/certs");
        },
        now -> !serial(now).equals(serial(before)));
    assertThat(status(ISTIO, OURS, "/ip")).isEqualTo("200");
    assertThat(mesh.pilot(ISTIO).runs()).isTrue();
  }

  /** The serial number of the workload's own certificate. */
  private static String serial(String certs) {
    return certs
        .lines()
        .dropWhile(line -> !line.contains("cert_chain"))
        .filter(line -> line.contains("serial_number"))
        .findFirst()
        .orElse("");
  }
}
