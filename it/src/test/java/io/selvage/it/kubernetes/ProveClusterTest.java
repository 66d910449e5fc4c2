package io.selvage.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.ExitCode;
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
    for (String namespace : List.of("batch", "catalog", "payments", "web")) {
      cluster
          .client()
          .apply("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(namespace));
    }
    apply("base");
  }

  @AfterAll
  static void stop() {
    ALL.close();
  }

  private static void apply(String folder) throws Exception {
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
