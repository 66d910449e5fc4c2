package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.operator.OperatorCertificate;
import io.selvage.cli.state.Invitation;
import io.selvage.it.istioctl.Istioctl;
import io.selvage.it.stage.OnePlane;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** istioctl prints of our proxy what it prints of an Envoy under the same control plane. */
@Tag("real")
class SameTablesTest {
  private static final String OURS = "ours";
  private static final String ENVOY = "envoy";
  private static final String CONFIGURATION =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: istio, namespace: istio-system}
      data:
        mesh: "trustDomain: it.mesh"
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: allowed, namespace: sample}
      spec:
        rules:
        - from: [{source: {namespaces: [sample]}}]
          to: [{operation: {paths: [/headers, /ip]}}]
        - when: [{key: 'request.headers[x-team]', notValues: [red]}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: denied, namespace: istio-system}
      spec:
        action: DENY
        rules:
        - to: [{operation: {paths: [/denied], ports: ['8000']}}]
      """;

  /** An Envoy's own clusters, and the listener for Prometheus. */
  private static final Pattern OF_THE_BOOTSTRAP =
      Pattern.compile("15090|/stats/prometheus|agent|prometheus_stats|sds-grpc|xds-grpc");

  @TempDir private static Path home;
  private static MixedMesh mesh;
  private static List<String> flags;

  @BeforeAll
  static void up() throws Exception {
    mesh = new MixedMesh(home);
    try {
      Files.writeString(mesh.folder().resolve("mesh.yaml"), CONFIGURATION);
      mesh.addOurs(OURS);
      mesh.addEnvoy(ENVOY, true);
      flags = flags();
      Until.seen(
          "both are synced: six types of ours, five of the Envoy",
          () -> asking("proxy-status", "-v", "1").out(),
          out -> out.contains(OURS) && out.contains(ENVOY) && synced(out) == 11);
    } catch (Exception | AssertionError e) {
      String diagnosis = mesh.diagnosis();
      mesh.close();
      throw new AssertionError(diagnosis, e);
    }
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  private static long synced(String out) {
    return out.split("SYNCED", -1).length - 1L;
  }

  private static List<String> flags() throws Exception {
    var invitation = mesh.operator();
    Path folder = home.resolve("operator");
    OperatorCertificate.request(
        new Invitation(
            "127.0.0.1:" + invitation.caPort(),
            "127.0.0.1:" + invitation.adsPort(),
            OnePlane.SERVER_NAME,
            invitation.roots(),
            invitation.token(),
            "",
            "",
            Map.of(Invitation.CLUSTER_ID, OnePlane.CLUSTER)),
        folder);
    return List.of(
        "--revision",
        "default",
        "--xds-address",
        "127.0.0.1:" + invitation.adsPort(),
        "--cert-dir",
        folder.toString(),
        "--authority",
        OnePlane.SERVER_NAME);
  }

  private static Tool.Ran asking(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(flags);
    return Istioctl.run(home, all);
  }

  private static String table(String of, String command) throws Exception {
    var line = new ArrayList<>(List.of(command.split(" ")));
    Path dump = home.resolve(of + ".json");
    Files.writeString(dump, mesh.configDump(of));
    line.addAll(List.of("-f", dump.toString()));
    return Istioctl.run(home, line).well().out();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "proxy-config listener",
        "proxy-config route",
        "proxy-config cluster",
        "proxy-config eds",
        "x authz check"
      })
  void aTableIsTheSameButForWhatAnEnvoyIsStartedWith(String command) throws Exception {
    var envoys = lines(ENVOY, command);
    assertThat(lines(OURS, command))
        .hasSizeGreaterThan(1)
        .containsExactlyInAnyOrderElementsOf(
            envoys.stream()
                .filter(line -> OF_THE_BOOTSTRAP.matcher(line).results().findAny().isEmpty())
                .toList());
  }

  private static List<String> lines(String of, String command) throws Exception {
    return table(of, command).lines().map(line -> line.replaceAll(" +", " ").strip()).toList();
  }

  @Test
  void bothHaveWhatTheyShould() throws Exception {
    for (String one : List.of(OURS, ENVOY)) {
      Path dump = home.resolve(one + ".json");
      Files.writeString(dump, mesh.configDump(one));
      assertThat(asking("proxy-status", one + ".sample", "--file", dump.toString()).well().out())
          .as(one)
          .contains("Clusters Match", "Listeners Match", "Routes Match");
    }
  }
}
