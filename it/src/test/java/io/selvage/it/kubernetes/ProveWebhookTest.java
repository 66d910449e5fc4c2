package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.Main;
import io.selvage.control.kubernetes.install.InstallSettings;
import io.selvage.control.kubernetes.install.ObjectKind;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What {@code kubectl} tells of a change of policy before it takes effect, by a real API server
 * that asks {@code selvage control} through the webhooks of an installation.
 */
@Tag("real")
final class ProveWebhookTest {
  private static final Pattern READINESS = Pattern.compile("readiness at port (\\d+), .*");

  private static final String LEDGER =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: ledger, namespace: payments}
      spec: {rules: [{from: [{source: {namespaces: [%s]}}]}]}
      """;

  private static final String MISSPELT = "when: [{key: source.namespase, values: [x]}]}]}";

  private static final String NOT_BATCH =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: not-batch, namespace: payments}
      spec: {action: DENY, rules: [{from: [{source: {namespaces: [batch]}}]}]}
      """;

  private static final String DEMANDS =
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: selvage-assertions, namespace: istio-system}
      data:
        payments.yaml: |
          apiVersion: selvage.dev/v1alpha1
          kind: PolicyAssertions
          assertions:
          - id: batch-stays-out
            %s: {from: {namespaces: [batch]}, to: {namespaces: [payments]}}
      """;

  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private static Path kubeconfig;

  @BeforeAll
  static void start() throws Exception {
    ServiceRoutes services = ALL.add(ServiceRoutes.open());
    cluster = ALL.add(Cluster.start(home, List.of(), services.environment()));
    kubeconfig = cluster.kubeconfig(cluster.api().port(), "admin", cluster.api().adminToken());
    cluster.client().apply("{apiVersion: v1, kind: Namespace, metadata: {name: payments}}");
    ledger();
    int webhooks = FreePort.find();
    control(webhooks);
    services.route("selvage.istio-system.svc:443", webhooks);
    cluster
        .client()
        .apply(
            io.selvage.control.kubernetes.install.Manifest.of(
                    "istio-system", "it", InstallSettings.DEFAULTS, false)
                .objects()
                .stream()
                .filter(object -> object.kind() == ObjectKind.VALIDATING_WEBHOOK)
                .map(object -> (JsonNode) object.content())
                .toList());
    Until.seen(
        "the API server asks the control plane",
        () -> tell("apply", LEDGER.formatted("x").replaceFirst("from: .*", MISSPELT)).err(),
        told -> told.contains("SLV4202"));
    Until.seen(
        "the webhook of demands is asked, too",
        () -> tell("apply", DEMANDS.formatted("nevver")).err(),
        told -> told.contains("SLV9413"));
    Until.seen(
        "and that of deletions, which knows the Pod",
        ProveWebhookTest::deleted,
        told -> told.contains("SLV9420"));
  }

  /** Of a denial that comes and goes. */
  private static String deleted() throws Exception {
    tell("apply", LEDGER.formatted("web, batch")).well();
    tell("apply", NOT_BATCH).well();
    return tell("delete", NOT_BATCH).err();
  }

  private static void ledger() throws Exception {
    cluster
        .client()
        .apply(
            """
            {apiVersion: v1, kind: ServiceAccount, metadata: {name: ledger, namespace: payments}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: ledger-1, namespace: payments, labels: {app: ledger, security.istio.io/tlsMode: istio}}
            spec: {serviceAccountName: ledger, nodeName: n1, containers: [{name: app, image: app}, {name: istio-proxy, image: p}]}
            """);
    cluster
        .client()
        .status(
            Manifest.read(
                    """
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: ledger-1, namespace: payments}
                    status: {phase: Running, podIP: 10.0.0.9, podIPs: [{ip: 10.0.0.9}]}
                    """)
                .getFirst());
  }

  private static void control(int webhooks) throws Exception {
    Process process =
        Tool.start(
            Map.of(),
            Tool.java(
                List.of("-Xmx320m"),
                Main.class,
                "control",
                "--address=127.0.0.1",
                "--port=0",
                "--webhook-port=" + webhooks,
                "--ready-port=0",
                "--monitoring-port=0",
                "--context=admin",
                "--kubeconfig=" + kubeconfig));
    ALL.add(process::destroyForcibly);
    Matcher ports = READINESS.matcher(process.inputReader().readLine());
    assertThat(ports.matches()).isTrue();
    Until.seen(
        "the control plane is ready",
        () ->
            Tool.run(
                    Map.of(),
                    List.of("curl", "-s", "http://127.0.0.1:%s/ready".formatted(ports.group(1))))
                .out(),
        "ready\n"::equals);
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  @BeforeEach
  void inForce() throws Exception {
    tell("apply", LEDGER.formatted("web")).well();
  }

  @AfterEach
  void free() throws Exception {
    Tool.Ran gone = tell("delete", DEMANDS.formatted("never"));
    assertThat(gone.exit() == 0 || gone.err().contains("NotFound")).as("%s", gone).isTrue();
    Until.holds("demands are gone", () -> tell("delete", NOT_BATCH).err().contains("NotFound"));
  }

  /** What kubectl does with a manifest. */
  private static Tool.Ran tell(String verb, String manifest, String... more) throws Exception {
    Path file = home.resolve("manifest.yaml");
    Files.writeString(file, manifest);
    List<String> line =
        new ArrayList<>(List.of(Tool.peer("kubectl").toString(), verb, "-f", file.toString()));
    line.addAll(List.of(more));
    return Tool.run(Map.of("KUBECONFIG", kubeconfig.toString()), line);
  }

  /** Once the control plane knows what was stored last: the same again opens nothing. */
  private static void awaitTaken(String manifest) throws Exception {
    Until.holds(
        "the change is in force",
        () -> !tell("apply", manifest, "--dry-run=server").err().contains("SLV9420"));
  }

  @Test
  void whoeverOpensADoorIsWarnedAndADryRunTellsTheSame() throws Exception {
    for (String[] options : new String[][] {{"--dry-run=server"}, {}}) {
      Tool.Ran ran = tell("apply", LEDGER.formatted("web, batch"), options);
      assertThat(ran.exit()).as("%s", ran).isZero();
      assertThat(ran.err())
          .contains("Warning: SLV9420 newly ALLOWS payments/ledger")
          .contains("any identity in ns batch");
    }
    awaitTaken(LEDGER.formatted("web, batch"));
    assertThat(tell("apply", LEDGER.formatted("web")).err()).doesNotContain("Warning");
  }

  @Test
  void aChangeThatWouldBreakADemandIsRefused() throws Exception {
    assertThat(tell("apply", DEMANDS.formatted("never")).well().err()).isEmpty();
    Tool.Ran refused = tell("apply", LEDGER.formatted("web, batch"));
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.err())
        .contains("denied the request: SLV9415 batch-stays-out does not hold at payments/ledger");
    assertThat(
            cluster
                .get(LEDGER.formatted("web"))
                .at("/spec/rules/0/from/0/source/namespaces")
                .toString())
        .isEqualTo("[\"web\"]");
  }

  @Test
  void aDenialOnWhichADemandRestsIsNotDeleted() throws Exception {
    tell("apply", NOT_BATCH).well();
    tell("apply", LEDGER.formatted("web, batch")).well();
    Until.seen(
        "the denial is known",
        () -> tell("delete", NOT_BATCH, "--dry-run=server").err(),
        told -> told.contains("SLV9420"));
    assertThat(tell("apply", DEMANDS.formatted("never")).well().err()).isEmpty();
    Tool.Ran refused = tell("delete", NOT_BATCH);
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.err()).contains("SLV9415 batch-stays-out does not hold");
    tell("delete", DEMANDS.formatted("never")).well();
    assertThat(tell("delete", NOT_BATCH).well().err()).contains("Warning: SLV9420 newly ALLOWS");
  }

  @Test
  void demandsThatAreNotUnderstoodAreNotStoredAndBrokenOnesAreWarnedOf() throws Exception {
    Tool.Ran refused = tell("apply", DEMANDS.formatted("nevver"));
    assertThat(refused.exit()).isNotZero();
    assertThat(refused.err()).contains("SLV9413 selvage-assertions/payments.yaml:");
    tell("apply", LEDGER.formatted("web, batch")).well();
    awaitTaken(LEDGER.formatted("web, batch"));
    assertThat(tell("apply", DEMANDS.formatted("never")).well().err())
        .contains("Warning: SLV9410 now already: batch-stays-out does not hold at payments/ledger");
  }
}
