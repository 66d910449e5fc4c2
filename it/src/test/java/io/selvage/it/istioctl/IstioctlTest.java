package io.selvage.it.istioctl;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Place;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** istioctl against a mesh that a user has started with {@code selvage up}. */
@Tag("real")
class IstioctlTest {
  private static final Place WEB = Place.app("local", "default", "web");
  private static final String WEB_NODE = "sidecar~%s~web.default~default.svc.cluster.local";
  private static final String WORKLOADS =
      """
      workloads:
      - name: web
        serviceAccount: web
        command: [selvage, httpbin, --port, "8000"]
        ports: [{name: http, port: 8000}]
        service: web
      - name: client
        serviceAccount: client
        command: [sleep, infinity]
      """;
  private static final String POLICIES =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: web-allow, namespace: default}
      spec:
        selector: {matchLabels: {app: web}}
        rules:
        - from: [{source: {principals: [cluster.local/ns/default/sa/client]}}]
          to: [{operation: {methods: [GET]}}]
        - to: [{operation: {paths: [/status/*]}}]
      ---
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: deny-admin, namespace: default}
      spec:
        action: DENY
        rules:
        - to: [{operation: {paths: [/admin], ports: ['8000']}}]
      ---
      apiVersion: security.istio.io/v1
      kind: PeerAuthentication
      metadata: {name: default, namespace: istio-system}
      spec: {mtls: {mode: STRICT}}
      """;

  @TempDir private static Path home;
  private static RunningMesh mesh;
  private static List<String> flags;

  @BeforeAll
  static void up() throws Exception {
    Path folder = Files.createDirectories(home.resolve("folder"));
    Files.writeString(folder.resolve("workloads.yaml"), WORKLOADS);
    Files.writeString(folder.resolve("policies.yaml"), POLICIES);
    mesh = RunningMesh.up(home, folder);
    flags = List.of(mesh.selvage("istioctl").well().out().strip().split(" "));
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  private static Tool.Ran istioctl(String... arguments) {
    return Istioctl.run(home, List.of(arguments));
  }

  private static Tool.Ran asking(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(flags);
    return Istioctl.run(home, all);
  }

  /** What the proxy of {@code web} says of itself, as istioctl's users get it from an Envoy. */
  private static String file(String name, String path) throws Exception {
    Path file = home.resolve(name);
    Files.writeString(
        file,
        mesh.exec(WEB.pastTheProxy(), "curl", "-sS", "http://127.0.0.1:15000" + path).well().out());
    return file.toString();
  }

  private static String dump() throws Exception {
    return file("dump.json", "/config_dump?include_eds");
  }

  private static List<List<String>> table(String... arguments) {
    return Istioctl.rows(istioctl(arguments));
  }

  @Test
  void proxyStatusListsTheProxiesWithTheirTypes() throws Exception {
    var rows = Istioctl.rows(asking("proxy-status"));
    assertThat(rows.getFirst())
        .containsExactly("NAME", "CLUSTER", "ISTIOD", "VERSION", "SUBSCRIBED TYPES");
    assertThat(rows).hasSize(3);
    assertThat(rows.get(1))
        .startsWith(WEB_NODE.formatted(mesh.address(WEB)), "local", "selvage-local")
        .endsWith("6 (CDS,LDS,EDS,RDS,ECDS,SDS)");
    assertThat(rows.get(1).get(3)).startsWith("selvage-");
  }

  @Test
  void proxyStatusSaysOfEachTypeWhetherItIsSynced() throws Exception {
    var rows =
        Until.seen(
            "all synced",
            () -> Istioctl.rows(asking("proxy-status", "-v", "1")),
            seen -> !seen.toString().contains("STALE"));
    assertThat(rows.getFirst()).contains("CDS", "LDS", "EDS", "RDS", "ECDS", "SDS");
    var web = rows.get(1);
    assertThat(web.stream().filter(field -> field.startsWith("SYNCED (")).count()).isEqualTo(6);
  }

  @Test
  void proxyStatusOfAWorkloadComparesWhatItHasWithWhatItShould() throws Exception {
    assertThat(asking("proxy-status", "web.default", "--file", dump()).well().out())
        .contains("Clusters Match", "Listeners Match", "Routes Match");
  }

  @Test
  void authzCheckPrintsThePoliciesThatTheProxyEnforces() throws Exception {
    assertThat(table("x", "authz", "check", "-f", dump()))
        .contains(
            List.of("ACTION", "AuthorizationPolicy", "RULES"),
            List.of("DENY", "deny-admin.default", "1"),
            List.of("ALLOW", "web-allow.default", "2"));
  }

  @Test
  void proxyConfigPrintsTheClustersOfTheDump() throws Exception {
    assertThat(table("proxy-config", "cluster", "-f", dump()))
        .contains(
            List.of("8000", "-", "inbound", "ORIGINAL_DST"),
            List.of("BlackHoleCluster", "-", "-", "-", "STATIC"),
            List.of("web.default.svc.cluster.local", "8000", "-", "outbound", "EDS"));
  }

  @Test
  void proxyConfigPrintsTheListenersOfTheDump() throws Exception {
    assertThat(istioctl("proxy-config", "listener", "-f", dump()).well().out())
        .containsPattern("0\\.0\\.0\\.0 +15001 +ALL +PassthroughCluster")
        .containsPattern(
            "0\\.0\\.0\\.0 +15006 +Trans: tls; Addr: \\*:8000 +Cluster: inbound\\|8000")
        .containsPattern("0\\.0\\.0\\.0 +8000 +Trans: raw_buffer +Route: 8000");
  }

  @Test
  void proxyConfigPrintsRoutesAndEndpoints() throws Exception {
    assertThat(table("proxy-config", "route", "-f", dump()))
        .contains(
            List.of(
                "8000",
                "web.default.svc.cluster.local:8000",
                "web, web.default + 2 more...",
                "/*"));
    String endpoint = mesh.address(WEB) + ":8000";
    String cluster = "outbound|8000||web.default.svc.cluster.local";
    assertThat(table("proxy-config", "eds", "-f", dump()))
        .contains(List.of(endpoint, "HEALTHY", cluster));
    assertThat(table("proxy-config", "endpoint", "-f", file("c.json", "/clusters?format=json")))
        .contains(List.of(endpoint, "HEALTHY", "OK", cluster));
  }

  @Test
  void proxyConfigPrintsSecretsAndNoPageHoldsAKey() throws Exception {
    assertThat(table("proxy-config", "secret", "-f", dump()))
        .anySatisfy(row -> assertThat(row).startsWith("ROOTCA", "CA", "ACTIVE", "true"))
        .anySatisfy(row -> assertThat(row).startsWith("default", "Cert Chain", "ACTIVE", "true"));
    assertThat(Files.readString(Path.of(dump())))
        .contains("W3JlZGFjdGVkXQ==")
        .doesNotContain("PRIVATE KEY")
        .doesNotContain("LS0tLS1CRUdJTiBQUklWQVRF"); // -----BEGIN PRIVATE in base64
  }

  @Test
  void proxyConfigPrintsTheWholeDump() throws Exception {
    assertThat(istioctl("proxy-config", "all", "-f", dump()).well().out())
        .contains(
            "listener/virtualInbound", "route/8000", "secret/default", "cluster/", "endpoint/");
    assertThat(istioctl("proxy-config", "bootstrap", "-f", dump()).well().out())
        .contains(WEB_NODE.formatted(mesh.address(WEB)));
    assertThat(istioctl("proxy-config", "bootstrap", "-o", "short", "-f", dump()).well().out())
        .contains("Istio Version: selvage-");
    assertThat(istioctl("proxy-config", "ecds", "-f", dump()).well().exit()).isZero();
  }

  @Test
  void internalDebugAsksForIstiodsPages() {
    assertThat(asking("x", "internal-debug", "--list").well().out())
        .contains("\"syncz\"", "\"config_dump\"");
    assertThat(asking("x", "internal-debug", "syncz").well().out())
        .contains("\"proxy\": \"web.default\"", "\"listener_acked\"");
    assertThat(asking("x", "internal-debug", "authorizationz").well().out())
        .contains("ns[default]-policy[web-allow]-rule[1]", "policies.yaml:");
    assertThat(asking("x", "internal-debug", "config_dump?proxyID=web.default").well().out())
        .contains("ListenersConfigDump", "virtualInbound");
    assertThat(asking("x", "internal-debug", "config_dump").err())
        .contains("You must provide a proxyID");
    assertThat(asking("x", "internal-debug", "nothing").well().out())
        .contains("please check all supported internal debug commands");
  }

  @Test
  void versionIsAskedOfTheControlPlane() {
    assertThat(asking("x", "version").well().out())
        .contains("control plane version:", "(2 proxies)");
  }

  @Test
  void whoProvesNothingIsToldNothing() throws Exception {
    String address = flags.get(flags.indexOf("--xds-address") + 1);
    var plain =
        istioctl(
            "proxy-status",
            "-r",
            "default",
            "--xds-address",
            address,
            "--plaintext",
            "--timeout",
            "5s");
    assertThat(plain.exit()).isNotZero();
    assertThat(plain.out()).doesNotContain("sidecar~");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(
                    Path.of(flags.get(flags.indexOf("--cert-dir") + 1)).resolve("key.pem"))))
        .isEqualTo("rw-------");
  }

  @Test
  void theDestinationsFiguresNameTheServiceThatWasCalled() throws Exception {
    var client = Place.app("local", "default", "client");
    mesh.untilStatus(client, "200", "http://web.default:8000/status/200");
    String at = mesh.json("status").get("clusters").get(0).get("metrics").asString();
    Until.seen(
        "a request at its destination",
        () -> Tool.run(Map.of(), List.of("curl", "-sS", at)).out(),
        figures ->
            figures
                .lines()
                .filter(line -> line.startsWith("istio_requests_total"))
                .filter(line -> line.contains("reporter=\"destination\""))
                .anyMatch(
                    line ->
                        line.contains("destination_service=\"web.default.svc.cluster.local\"")
                            && line.contains("destination_service_name=\"web\"")));
  }

  @Test
  void theControlPlanesFiguresAreWhereStatusSays() {
    String at = mesh.json("status").get("clusters").get(0).get("controlPlaneMetrics").asString();
    assertThat(Tool.run(Map.of(), List.of("curl", "-sS", at)).well().out())
        .contains("pilot_xds 2.0", "pilot_xds_pushes_total", "pilot_services 1.0");
    assertThat(
            Tool.run(
                    Map.of(),
                    List.of(
                        "curl",
                        "-s",
                        "-o",
                        "/dev/null",
                        "-w",
                        "%{http_code}",
                        at.replace("/metrics", "/debug/syncz")))
                .out())
        .isEqualTo("401");
  }
}
