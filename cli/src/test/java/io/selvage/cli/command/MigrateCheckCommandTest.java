package io.selvage.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.selvage.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code selvage migrate check} on an API server that answers lists, two objects at a time. */
class MigrateCheckCommandTest {
  private static final Path GOLDEN = Path.of("src/test/golden/migrate/check.txt");
  private static final Path GUIDE = Path.of("../docs/migration.md");
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Pattern CONTINUE = Pattern.compile("continue=(\\d+)");
  private static final int PAGE = 2;

  @TempDir private Path home;
  private final Map<String, List<JsonNode>> lists = new TreeMap<>();
  private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
  private HttpServer api;

  private record Said(int status, String text) {}

  @BeforeEach
  void start() throws IOException {
    api = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    api.createContext("/", this::answer);
    api.start();
    Files.writeString(
        home.resolve("config"),
        """
        {"apiVersion": "v1", "kind": "Config", "current-context": "east",
         "clusters": [{"name": "east", "cluster": {"server": "http://127.0.0.1:%d"}}],
         "users": [{"name": "me", "user": {}}],
         "contexts": [{"name": "east", "context": {"cluster": "east", "user": "me"}}]}
        """
            .formatted(api.getAddress().getPort()));
    for (String kind : List.of("deployments", "statefulsets", "daemonsets")) {
      lists.put("/apis/apps/v1/" + kind, new ArrayList<>());
    }
    for (String kind : List.of("jobs", "cronjobs")) {
      lists.put("/apis/batch/v1/" + kind, new ArrayList<>());
    }
    lists.put("/api/v1/namespaces", new ArrayList<>());
    lists.put("/api/v1/namespaces/istio-system/configmaps", new ArrayList<>());
    lists.put("/apis/networking.istio.io/v1/virtualservices", new ArrayList<>());
    lists.put(
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", new ArrayList<>());
  }

  @AfterEach
  void stop() {
    api.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    int status = 200;
    String body;
    if (forbidden.contains(path)) {
      status = 403;
      body =
          "{\"kind\": \"Status\", \"status\": \"Failure\", \"reason\": \"Forbidden\", \"code\": 403,"
              + " \"message\": \"%s is forbidden\"}".formatted(path.replaceFirst(".*/", ""));
    } else if (path.equals("/apis")) {
      body =
          """
          {"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": "networking.istio.io",
           "versions": [{"groupVersion": "networking.istio.io/v1", "version": "v1"}]}]}
          """;
    } else if (path.equals("/apis/networking.istio.io/v1")) {
      body =
          """
          {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "networking.istio.io/v1",
           "resources": [{"name": "virtualservices", "kind": "VirtualService", "namespaced": true,
            "verbs": ["list"]}]}
          """;
    } else if (lists.containsKey(path)) {
      body = page(lists.get(path), exchange.getRequestURI().getRawQuery());
    } else {
      status = 404;
      body = "{\"kind\": \"Status\", \"status\": \"Failure\", \"code\": 404}";
    }
    byte[] bytes = body.getBytes(UTF_8);
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** As an API server that was asked for few answers; one that was asked for all answers all. */
  private static String page(List<JsonNode> all, String query) {
    boolean paged = query != null && query.contains("limit=");
    Matcher from = CONTINUE.matcher(query == null ? "" : query);
    int first = from.find() ? Integer.parseInt(from.group(1)) : 0;
    int end = paged ? Math.min(all.size(), first + PAGE) : all.size();
    ObjectNode list = JSON.createObjectNode();
    list.put("kind", "List").put("apiVersion", "v1");
    ObjectNode metadata = list.putObject("metadata");
    if (end < all.size()) {
      metadata.put("continue", String.valueOf(end));
    }
    list.putArray("items").addAll(all.subList(first, end));
    return list.toString();
  }

  private void add(String path, String json) {
    lists.computeIfAbsent(path, _ -> new ArrayList<>()).add(JSON.readTree(json));
  }

  private void namespace(String name, String labels) {
    add(
        "/api/v1/namespaces",
        "{\"metadata\": {\"name\": \"%s\", \"labels\": {%s}}}".formatted(name, labels));
  }

  private void workload(
      String kinds, String namespace, String name, String labels, String annotations) {
    add(
        "/apis/apps/v1/" + kinds,
        """
        {"metadata": {"name": "%s", "namespace": "%s"},
         "spec": {"template": {"metadata": {"labels": {%s}, "annotations": {%s}},
          "spec": {"containers": [{"name": "app", "image": "app"}]}}}}
        """
            .formatted(name, namespace, labels, annotations));
  }

  private Said check(String... more) {
    List<String> line =
        new ArrayList<>(
            List.of("migrate", "check", "--kubeconfig", home.resolve("config").toString()));
    line.addAll(List.of(more));
    var said = new StringWriter();
    int status =
        SelvageCommand.commandLine()
            .setOut(new PrintWriter(said))
            .setErr(new PrintWriter(said))
            .execute(line.toArray(String[]::new));
    return new Said(status, said.toString());
  }

  /** The cluster of the guide's sample. */
  private void sample() {
    namespace("pay", "\"istio-injection\": \"enabled\"");
    namespace(
        "shop",
        "\"istio.io/rev\": \"canary\", \"pod-security.kubernetes.io/enforce\": \"baseline\"");
    namespace("tools", "");
    namespace("idle", "\"pod-security.kubernetes.io/enforce\": \"restricted\"");
    String pinned = "\"sidecar.istio.io/bootstrapOverride\": \"tuning\"";
    for (String name : List.of("api", "basket", "cards", "orders", "search")) {
      workload("deployments", "shop", name, "", pinned);
    }
    workload("deployments", "pay", "pay", "", pinned);
    workload("deployments", "tools", "console", "\"sidecar.istio.io/inject\": \"true\"", "");
    workload(
        "deployments",
        "tools",
        "ingress",
        "\"sidecar.istio.io/inject\": \"true\"",
        "\"inject.istio.io/templates\": \"gateway\"");
    workload("deployments", "idle", "idle", "", "\"sidecar.istio.io/interceptionMode\": \"NONE\"");
    workload(
        "statefulsets", "pay", "ledger", "", "\"sidecar.istio.io/proxyMemoryLimit\": \"128Mi\"");
    workload(
        "statefulsets", "pay", "queue", "", "\"sidecar.istio.io/interceptionMode\": \"TPROXY\"");
    workload(
        "daemonsets",
        "kube-system",
        "istio-cni-node",
        "\"sidecar.istio.io/inject\": \"false\"",
        "");
    add(
        "/apis/networking.istio.io/v1/virtualservices",
        "{\"metadata\": {\"name\": \"canary\", \"namespace\": \"shop\"}}");
  }

  @Test
  void isAsTheGuideShows() throws IOException {
    sample();
    Said said = check();
    assertThat(said.status()).as(said.text()).isEqualTo(ExitCode.FINDINGS);
    if (Boolean.getBoolean("selvage.golden.update")) {
      Files.createDirectories(GOLDEN.getParent());
      Files.writeString(GOLDEN, said.text());
    }
    assertThat(said.text()).isEqualTo(Files.readString(GOLDEN));
    assertThat(Files.readString(GUIDE)).contains("```console\n" + said.text() + "```\n");
  }

  @Test
  void programsGetEachWorkload() {
    sample();
    JsonNode all = JSON.readTree(check("-o", "json").text());
    assertThat(
            all.values().stream()
                .filter(one -> one.path("effect").asString().contains("bootstrap")))
        .hasSize(6)
        .allMatch(one -> !one.path("blocks").asBoolean());
  }

  @Test
  void whatMayNotBeListedIsTold() {
    namespace("pay", "\"istio-injection\": \"enabled\"");
    forbidden.add("/apis/apps/v1/statefulsets");
    forbidden.add("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations");
    Said said = check();
    assertThat(said.status()).as(said.text()).isEqualTo(ExitCode.OK);
    assertThat(said.text())
        .containsPattern("! +- +StatefulSet +\\* +not looked at: .*statefulsets")
        .contains("MutatingWebhookConfiguration", "not all could be looked at");
  }

  @Test
  void namespacesThatAreInjectedByDefaultAreLookedAt() {
    namespace("tools", "");
    workload("deployments", "tools", "web", "", "\"sidecar.istio.io/interceptionMode\": \"NONE\"");
    assertThat(check().status()).isEqualTo(ExitCode.OK);
    add(
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        """
        {"metadata": {"name": "istio-sidecar-injector"},
         "webhooks": [{"name": "namespace.sidecar-injector.istio.io"}, {"name": "auto.sidecar-injector.istio.io"}]}
        """);
    Said said = check();
    assertThat(said.status()).as(said.text()).isEqualTo(ExitCode.FINDINGS);
    assertThat(said.text()).contains("SLV7240", "web");
  }

  @Test
  void aClusterInWhichAllIsWellHasNothingToLose() {
    namespace("pay", "\"istio-injection\": \"enabled\"");
    workload("deployments", "pay", "pay", "", "");
    Said said = check();
    assertThat(said.status()).isEqualTo(ExitCode.OK);
    assertThat(said.text()).contains("nothing of the Istio configuration would be lost");
  }
}
