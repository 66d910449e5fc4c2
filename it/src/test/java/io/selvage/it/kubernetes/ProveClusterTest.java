package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
import io.selvage.it.istiod.KubeApi;
import io.selvage.it.istiod.Manifest;
import io.selvage.it.stage.Opened;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code selvage prove} on a real Kubernetes API: the same answers as on the folder. */
@Tag("real")
final class ProveClusterTest {
  private static final Path EXAMPLE = Path.of("../examples/prove");

  @TempDir static Path home;

  private static final Opened ALL = new Opened();
  private static Cluster cluster;
  private static Path kubeconfig;

  @BeforeAll
  static void start() throws Exception {
    cluster = ALL.add(Cluster.start(home));
    kubeconfig = cluster.kubeconfig(cluster.api().port(), "admin", cluster.api().adminToken());
    apply(cluster, "base");
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private static void apply(Cluster cluster, String folder) throws Exception {
    for (String namespace : List.of("batch", "catalog", "payments", "web")) {
      cluster
          .client()
          .apply("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(namespace));
    }
    try (Stream<Path> files = Files.walk(EXAMPLE.resolve(folder))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".yaml")).sorted().toList()) {
        cluster.client().apply(Manifest.read(Files.readString(file)));
      }
    }
  }

  private static CommandRun prove(String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    return CommandRun.alone(Stream.concat(Stream.of("prove"), all.stream()).toList());
  }

  private static CommandRun onCluster(String... arguments) {
    List<String> all = new ArrayList<>(Arrays.asList(arguments));
    all.addAll(List.of("--kubeconfig", kubeconfig.toString(), "--context", "admin"));
    return prove(all.toArray(String[]::new));
  }

  /** Without the places where things are written, which a cluster doesn't know. */
  private static JsonNode answer(CommandRun ran) {
    JsonNode tree = JsonMapper.shared().readTree(ran.out());
    strip(tree);
    return tree;
  }

  private static void strip(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(List.of("at", "mesh", "base", "head", "summary", "flip"));
    }
    node.forEach(ProveClusterTest::strip);
  }

  @Test
  void theClusterAnswersAsTheFolderDoes() throws IOException {
    for (String command : List.of("reach", "lint")) {
      CommandRun there = onCluster(command, "-o", "json");
      CommandRun here = prove(command, "-f", EXAMPLE.resolve("base").toString(), "-o", "json");
      assertThat(there.err()).isEmpty();
      assertThat(there.exit()).isEqualTo(here.exit());
      assertThat(answer(there)).isEqualTo(answer(here));
    }
  }

  @Test
  void aFolderIsComparedWithWhatIsInForce() {
    CommandRun same = onCluster("diff", "--head", EXAMPLE.resolve("base").toString(), "-o", "json");
    assertThat(same.err()).isEmpty();
    assertThat(same.exit()).isZero();
    CommandRun other =
        onCluster("diff", "--head", EXAMPLE.resolve("head").toString(), "-o", "json");
    assertThat(other.exit()).isEqualTo(ExitCode.FINDINGS);
    CommandRun folders =
        prove(
            "diff",
            "--base",
            EXAMPLE.resolve("base").toString(),
            "--head",
            EXAMPLE.resolve("head").toString(),
            "-o",
            "json");
    assertThat(answer(other)).isEqualTo(answer(folders));
  }

  @Test
  void assertionsOfAFileAreProvedOfTheCluster() {
    CommandRun ran = onCluster("check", "-f", EXAMPLE.resolve("assertions.yaml").toString());
    assertThat(ran.err()).isEmpty();
    assertThat(ran.exit()).isZero();
    assertThat(ran.out()).contains("4 assertions: 4 proved");
  }

  @Test
  void aGroupOfMachinesIsAWorkloadOfTheClusterToo() throws Exception {
    String group =
        """
        apiVersion: networking.istio.io/v1
        kind: WorkloadGroup
        metadata: {name: ledger-vm, namespace: payments}
        spec: {metadata: {labels: {app: ledger}}, template: {serviceAccount: ledger}}
        """;
    try {
      cluster.client().apply(group);
      CommandRun ran = onCluster("reach", "--to", "payments/ledger-vm");
      assertThat(ran.exit()).as("%s", ran).isZero();
      assertThat(ran.out()).contains("payments/ledger-vm");
    } finally {
      cluster.client().delete(Manifest.read(group));
    }
  }

  @Test
  void whatIsMeantForOneRevisionIsToldSinceNobodyKnowsItsProxiesHere() throws Exception {
    String policy =
        """
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: {name: canary, namespace: payments, labels: {istio.io/rev: 1-24}}
        spec: {action: DENY, rules: [{to: [{operation: {paths: [/never]}}]}]}
        """;
    try {
      cluster.client().apply(policy);
      CommandRun ran = onCluster("reach");
      assertThat(ran.exit()).as("%s", ran).isZero();
      assertThat(ran.err()).contains("SLV7225", "payments/canary", "\"1-24\" alone");
    } finally {
      cluster.client().delete(Manifest.read(policy));
    }
  }

  @Test
  void settingsOfSeveralRevisionsAreNoMeshs() throws Exception {
    List<JsonNode> maps =
        Manifest.read(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio-a, namespace: batch}
            data: {mesh: "trustDomain: of.a"}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio-b, namespace: batch}
            data: {mesh: "trustDomain: of.b"}
            """);
    cluster.client().apply(maps);
    try {
      String[] there = {"reach", "--istio-namespace", "batch"};
      assertThat(onCluster(there).err()).contains("istio-a", "istio-b", "one mesh's");
      cluster.client().delete(List.of(maps.getLast()));
      CommandRun one = onCluster(there);
      assertThat(one.exit()).as("%s", one).isZero();
    } finally {
      cluster.client().delete(List.of(maps.getFirst()));
    }
  }

  @Test
  void whatTheClusterItselfDemandsIsProvedWithoutAFile() throws Exception {
    CommandRun nothing = onCluster("check");
    assertThat(nothing.exit()).as("%s", nothing).isEqualTo(ExitCode.USAGE);
    assertThat(nothing.err()).contains("there is no document of kind PolicyAssertions");
    List<JsonNode> map =
        Manifest.read(
            "{apiVersion: v1, kind: ConfigMap,"
                + " metadata: {name: selvage-assertions, namespace: istio-system}}");
    ObjectNode texts = ((ObjectNode) map.getFirst()).putObject("data");
    String written = Files.readString(EXAMPLE.resolve("assertions.yaml"));
    try {
      texts.put("all.yaml", written);
      cluster.client().apply(map);
      CommandRun ran = onCluster("check");
      assertThat(ran.err()).isEmpty();
      assertThat(ran.exit()).isZero();
      assertThat(ran.out()).contains("4 assertions: 4 proved");
      texts.put("all.yaml", "assertions: [");
      cluster.client().apply(map);
      CommandRun unread = onCluster("check");
      assertThat(unread.exit()).as("%s", unread).isEqualTo(ExitCode.USAGE);
      assertThat(unread.err()).contains("selvage-assertions/all.yaml");
    } finally {
      cluster.client().delete(map);
    }
  }

  private static String[] contexts(Path folder, Cluster west) throws Exception {
    StringBuilder yaml = new StringBuilder("apiVersion: v1\nkind: Config\nclusters: [");
    StringBuilder rest = new StringBuilder("]\ncontexts: [");
    StringBuilder users = new StringBuilder("]\nusers: [");
    for (String name : List.of("east", "west")) {
      KubeApi api = name.equals("east") ? cluster.api() : west.api();
      yaml.append(
          "{name: %s, cluster: {server: 'https://127.0.0.1:%d', certificate-authority: '%s'}},"
              .formatted(name, api.port(), api.certificate().toRealPath()));
      rest.append("{name: %1$s, context: {cluster: %1$s, user: %1$s}},".formatted(name));
      users.append("{name: %s, user: {token: '%s'}},".formatted(name, api.adminToken()));
    }
    Path file = folder.resolve("kubeconfig");
    Files.writeString(file, yaml.append(rest).append(users).append("]\n").toString());
    return new String[] {"--kubeconfig", file.toString(), "--context", "east", "--context", "west"};
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.resolveSibling("."));
        Files.copy(file, copy);
      }
    }
  }

  @Test
  void twoClustersAtOnceAnswerAsAFolderForEachDoes(@TempDir Path folder) throws Exception {
    try (Cluster west = Cluster.start(folder.resolve("api"))) {
      apply(west, "head");
      String[] live = contexts(folder, west);
      Path mesh = folder.resolve("mesh");
      copy(EXAMPLE.resolve("base"), mesh.resolve("east"));
      copy(EXAMPLE.resolve("head"), mesh.resolve("west"));
      String[] written = {"--clusters", "-f", mesh.toString()};
      String[][] questions = {
        {"reach"},
        {"lint"},
        {
          "explain",
          "--from",
          "batch/nightly",
          "--to",
          "west/payments/ledger",
          "--request",
          "POST /charge"
        }
      };
      for (String[] question : questions) {
        CommandRun there = prove(with(with(question, "-o", "json"), live));
        CommandRun here = prove(with(with(question, "-o", "json"), written));
        assertThat(there.err()).as(question[0]).isEmpty();
        assertThat(there.exit()).as(question[0]).isEqualTo(here.exit());
        assertThat(answer(there)).as(question[0]).isEqualTo(answer(here));
        assertThat(there.out()).as(question[0]).contains("west");
      }
      CommandRun same =
          prove(with(new String[] {"diff", "--clusters", "--head", mesh.toString()}, live));
      assertThat(same.exit()).as("%s", same).isZero();
      CommandRun check =
          prove(
              with(
                  new String[] {"check", "-f", EXAMPLE.resolve("assertions.yaml").toString()},
                  live));
      assertThat(check.exit()).as("%s", check).isEqualTo(ExitCode.FINDINGS);
      assertThat(check.out())
          .contains("charge-only-from-web  does not hold", "west/payments/ledger")
          .contains("4 assertions: 3 proved, 1 broken");
    }
  }

  private static final String LEDGER =
      """
      apiVersion: security.istio.io/v1
      kind: AuthorizationPolicy
      metadata: {name: applied, namespace: payments}
      spec:
        selector: {matchLabels: {app: ledger}}
        rules: [{from: [{source: {namespaces: [%s]}}]}]
      """;

  private static CommandRun apply(Path file, String... options) {
    List<String> all = new ArrayList<>(List.of("apply", "-f", file.toString()));
    all.addAll(List.of("--kubeconfig", kubeconfig.toString(), "--context", "admin"));
    all.addAll(List.of(options));
    return CommandRun.alone(all);
  }

  private static String allowed() throws Exception {
    return cluster
        .get(LEDGER.formatted("x"))
        .at("/spec/rules/0/from/0/source/namespaces")
        .toString();
  }

  @Test
  void whatIsAppliedIsShownFirstAndRefusedWhereADemandWouldBreak(@TempDir Path folder)
      throws Exception {
    String demands =
        """
        {apiVersion: v1, kind: ConfigMap, metadata: {name: selvage-assertions, namespace: istio-system},
         data: {a.yaml: "{apiVersion: selvage.dev/v1alpha1, kind: PolicyAssertions, assertions:
          [{id: no-batch, never: {from: {namespaces: [batch]}, to: {namespaces: [payments]}}}]}"}}
        """;
    Path file = folder.resolve("ledger.yaml");
    try {
      Files.writeString(file, LEDGER.formatted("legacy"));
      CommandRun dry = apply(file, "--dry-run");
      assertThat(dry.exit()).as("%s", dry).isZero();
      assertThat(dry.out())
          .contains("+ ALLOWED  payments/ledger", "any identity in ns legacy")
          .contains("create     AuthorizationPolicy payments/applied in admin");
      assertThat(apply(file, "--yes").out()).contains("1 objects were applied to admin");
      assertThat(allowed()).isEqualTo("[\"legacy\"]");
      assertThat(apply(file, "--yes").out()).isEqualTo("Nothing to change.\n");

      cluster.client().apply(demands);
      Files.writeString(file, LEDGER.formatted("legacy, batch"));
      CommandRun refused = apply(file, "--yes");
      assertThat(refused.exit()).isEqualTo(ExitCode.FINDINGS);
      assertThat(refused.out()).contains("no-batch  does not hold (SLV9410)", "SLV9415");
      assertThat(allowed()).isEqualTo("[\"legacy\"]");

      cluster.client().apply(LEDGER.formatted("web"));
      Files.writeString(file, LEDGER.formatted("catalog"));
      CommandRun conflict = apply(file, "--yes");
      assertThat(conflict.exit()).as("%s", conflict).isEqualTo(ExitCode.FINDINGS);
      assertThat(conflict.err())
          .contains("AuthorizationPolicy payments/applied", "--force-conflicts");
      assertThat(apply(file, "--yes", "--force-conflicts").exit()).isZero();
      assertThat(allowed()).isEqualTo("[\"catalog\"]");
    } finally {
      cluster.client().delete(Manifest.read(LEDGER.formatted("x")));
      cluster.client().delete(Manifest.read(demands));
    }
  }

  @Test
  void oneRequestIsExplainedOnTheClusterAsInTheFolder() {
    String[] asked = {
      "explain", "--from", "batch/nightly", "--to", "payments/ledger", "--request", "POST /charge"
    };
    CommandRun there = onCluster(with(asked, "-o", "json"));
    CommandRun here = prove(with(asked, "-f", EXAMPLE.resolve("base").toString(), "-o", "json"));
    assertThat(there.err()).isEmpty();
    assertThat(there.exit()).isEqualTo(ExitCode.FINDINGS).isEqualTo(here.exit());
    assertThat(answer(there)).isEqualTo(answer(here));
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void whatCannotBeReadIsAnErrorOfTheInput(@TempDir Path other) throws Exception {
    CommandRun nobody = prove("reach", "--kubeconfig", kubeconfig.toString(), "--context", "no");
    assertThat(nobody.exit()).isEqualTo(ExitCode.USAGE);
    assertThat(nobody.err()).contains("no context no");
    try (Cluster bare = Cluster.withoutDefinitions(other)) {
      Path file = bare.kubeconfig(bare.api().port(), "admin", bare.api().adminToken());
      CommandRun missing = prove("reach", "--kubeconfig", file.toString(), "--context", "admin");
      assertThat(missing.exit()).isEqualTo(ExitCode.USAGE);
      assertThat(missing.err()).contains("does not serve authorizationpolicies.security.istio.io");
    }
  }
}
