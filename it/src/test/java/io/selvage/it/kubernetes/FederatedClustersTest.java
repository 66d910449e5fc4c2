package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.selvage.cli.netns.MeshNetwork;
import io.selvage.cli.netns.ProcessCommands;
import io.selvage.control.kubernetes.remote.Reader;
import io.selvage.control.kubernetes.remote.RemoteSecrets;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters with a CA and a trust domain each, that name one another as aliases. */
@Tag("real")
final class FederatedClustersTest {
  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static MeshSide east;
  private static MeshSide west;
  private static Caller sleep;

  @BeforeAll
  static void start() throws Exception {
    try {
      MeshNetwork network =
          ALL.add(
              MeshNetwork.create(
                  new ProcessCommands(),
                  MeshName.of("fed"),
                  List.of("east", "west"),
                  home.resolve("netns")));
      east = ALL.add(MeshSide.start("east", home.resolve("east"), network, 8000, alias("west")));
      west = ALL.add(MeshSide.start("west", home.resolve("west"), network, 8001, alias("east")));
      for (MeshSide side : List.of(east, west)) {
        side.client().apply(settings(side.id(), "{\"trustDomain\": \"%s.mesh\"}"));
        side.control();
        side.httpbinService();
      }
      east.pod("sleep-1", "sleep", "n1");
      west.httpbinPod("west-1", "n1");
      west.httpbinEndpoints("west-1");
      sleep = ALL.add(east.caller("sleep-1"));
      new RemoteSecrets(Cluster.ROOT, Reader.SELVAGE, Duration.ofMillis(1))
          .exchange(List.of(east.member(), west.member()));
    } catch (Throwable e) {
      ALL.close();
      throw e;
    }
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private static String alias(String other) {
    return "{\"trustDomain\": \"%s.mesh\", \"trustDomainAliases\": [\"%s.mesh\"]}"
        .formatted(other.equals("west") ? "east" : "west", other);
  }

  private static String settings(String side, String mesh) {
    return """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: istio, namespace: istio-system}
    data: {mesh: '%s'}
    """
        .formatted(mesh.formatted(side));
  }

  private static String problems(MeshSide side) {
    return side.replica().plane().status().problems().toString();
  }

  @Test
  void theRootsOfAnotherTrustDomainCountOnceItIsAnAlias() throws Exception {
    for (MeshSide side : List.of(east, west)) {
      Until.seen(
          "a foreign trust domain is told",
          () -> problems(side),
          text -> text.contains("SLV7265") && text.contains("trustDomainAliases"));
    }
    Until.seen("west is an endpoint, and not believed", () -> sleep.call("/ip"), "503"::equals);
    givesNobodyOfTheOtherAnIdentity();

    east.client().apply(settings("east", alias("west")));
    west.client().apply(settings("west", alias("east")));
    Until.seen("west serves east", () -> sleep.call("/ip"), "200 west-1"::equals);
    assertThat(sleep.body("/headers"))
        .contains("By=spiffe://west.mesh/ns/sample/sa/httpbin")
        .contains("URI=spiffe://east.mesh/ns/sample/sa/sleep");
    assertThat(problems(east) + problems(west)).doesNotContain("SLV726");
    givesNobodyOfTheOtherAnIdentity();

    String deny =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: deny, namespace: sample}
        spec: {action: DENY, rules: [{from: [{source: {principals: [west.mesh/ns/sample/sa/sleep]}}]}]}
        """;
    west.client().apply(deny);
    Until.seen(
        "a principal by the own trust domain is east's, too",
        () -> sleep.call("/ip"),
        "403"::equals);
    west.client().delete(Manifest.read(deny));
    Until.seen("west serves east again", () -> sleep.call("/ip"), "200 west-1"::equals);

    east.client().apply(settings("east", "{\"trustDomain\": \"%s.mesh\"}"));
    Until.seen("east believes it no longer", () -> sleep.call("/ip"), "503"::equals);
  }

  /** The CA of east certifies workloads of east alone, whatever the API server of west says. */
  private static void givesNobodyOfTheOtherAnIdentity() throws Exception {
    String token = west.token("west-1", "httpbin");
    assertThatThrownBy(() -> east.certified(token, "west"))
        .hasMessageContaining("UNAUTHENTICATED")
        .hasMessageContaining("SLV5019");
    assertThat(west.certified(token, "west")).isEqualTo("spiffe://west.mesh/ns/sample/sa/httpbin");
  }
}
