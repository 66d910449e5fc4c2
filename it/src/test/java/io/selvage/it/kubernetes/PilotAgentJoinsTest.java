package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Istio's agent and its Envoy, unchanged, join the control plane of a cluster of ours. */
@Tag("real")
final class PilotAgentJoinsTest {
  private static final String DENY =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: deny, namespace: sample}
      spec:
        action: DENY
        rules:
        - from: [{source: {principals: [it.mesh/ns/sample/sa/sleep]}}]
          to: [{operation: {paths: [/ip]}}]
      """;

  @TempDir static Path home;

  @Test
  void itServesOursByMutualTlsUnderOurPolicies() throws Exception {
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (var all = new Opened()) {
      MeshNetwork network =
          all.add(
              MeshNetwork.create(
                  new ProcessCommands(),
                  MeshName.of("agent"),
                  List.of("east"),
                  home.resolve("netns")));
      MeshSide east =
          all.add(
              MeshSide.start(
                  "east", home.resolve("east"), network, 8000, "{\"trustDomain\": \"it.mesh\"}"));
      east.control();
      east.httpbinService();
      east.pod("sleep-1", "sleep", "n1");
      east.agentPod("envoy-1", "n1", "it.mesh", home.resolve("agent"));
      east.httpbinEndpoints("envoy-1");
      Caller sleep = all.add(east.caller("sleep-1"));
      Until.seen("Envoy serves", () -> sleep.call("/ip"), "200 envoy-1"::equals);
      assertThat(sleep.body("/headers"))
          .contains("By=spiffe://it.mesh/ns/sample/sa/httpbin")
          .contains("URI=spiffe://it.mesh/ns/sample/sa/sleep");
      east.client().apply(DENY);
      Until.seen("Envoy denies", () -> sleep.call("/ip"), "403"::equals);
      east.client().delete(Manifest.read(DENY));
      Until.seen("Envoy serves again", () -> sleep.call("/ip"), "200 envoy-1"::equals);
    }
  }
}
