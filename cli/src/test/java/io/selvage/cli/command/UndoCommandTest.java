package io.selvage.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.selvage.cli.ExitCode;
import io.selvage.doctor.fix.FixJournal;
import io.selvage.doctor.fix.FixStep;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code selvage undo} on an API server of one object. */
class UndoCommandTest {
  private static final String RUN = "20261127-120000";
  private static final String ROLES =
      "/apis/rbac.authorization.k8s.io/v1/clusterroles/selvage-doctor";
  private static final String KINDS = "/apis/rbac.authorization.k8s.io/v1";
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path home;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Map<String, String> objects = new ConcurrentHashMap<>();
  private String homeBefore = "";
  private HttpServer api;

  @BeforeEach
  void start() throws IOException {
    homeBefore = System.setProperty("user.home", home.toString());
    objects.put(
        KINDS,
        "{\"kind\": \"APIResourceList\", \"apiVersion\": \"v1\", \"groupVersion\":"
            + " \"rbac.authorization.k8s.io/v1\", \"resources\": [{\"name\": \"clusterroles\","
            + " \"kind\": \"ClusterRole\", \"namespaced\": false, \"verbs\": [\"get\"]}]}");
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
  }

  @AfterEach
  void stop() {
    System.setProperty("user.home", homeBefore);
    api.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      boolean goes = exchange.getRequestMethod().equals("DELETE");
      String found = goes ? objects.remove(path) : objects.get(path);
      String body =
          found == null ? "{\"kind\": \"Status\", \"status\": \"Failure\", \"code\": 404}" : found;
      byte[] bytes = body.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(found == null ? 404 : 200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private int undo(String... arguments) {
    String[] line = new String[arguments.length + 3];
    line[0] = "undo";
    line[1] = "--kubeconfig";
    line[2] = home.resolve("config").toString();
    System.arraycopy(arguments, 0, line, 3, arguments.length);
    return SelvageCommand.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(line);
  }

  private static ObjectNode role(String verb) {
    return (ObjectNode)
        JSON.readTree(
            """
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
             "metadata": {"name": "selvage-doctor", "resourceVersion": "7"},
             "rules": [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["%s"]}]}
            """
                .formatted(verb));
  }

  /** A run that made the role. */
  private Path noted() throws IOException {
    Path journal = Files.createDirectories(home.resolve(".selvage/fixes")).resolve(RUN + ".json");
    var step =
        new FixStep(
            "east",
            "SLV0002",
            "a ClusterRole selvage-doctor",
            false,
            Optional.empty(),
            Optional.of(role("list")));
    return Files.writeString(journal, JSON.writeValueAsString(new FixJournal.Run(List.of(step))));
  }

  @Test
  void withoutRunsThereIsNothingToUndo() {
    assertThat(undo()).isEqualTo(ExitCode.OK);
    assertThat(out)
        .hasToString("nothing was changed that could be undone" + System.lineSeparator());
  }

  @Test
  void runsAreListedWithWhatTheyDid() throws IOException {
    noted();
    assertThat(undo()).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains(RUN, "SLV0002 in east: a ClusterRole selvage-doctor");
  }

  @Test
  void aRunThatThereIsNotIsAWrongCommandLine() throws IOException {
    noted();
    assertThat(undo("20261127-120001")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("there is no run 20261127-120001");
    assertThat(undo("../" + RUN)).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void whatAFixMadeGoes() throws IOException {
    Path journal = noted();
    objects.put(ROLES, role("list").toString());
    assertThat(undo(RUN)).as(out + "" + err).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("was made by the fix, and is gone");
    assertThat(objects).doesNotContainKey(ROLES);
    assertThat(journal).doesNotExist();
  }

  @Test
  void whatSomebodyChangedSinceStays() throws IOException {
    Path journal = noted();
    objects.put(ROLES, role("watch").toString());
    assertThat(undo(RUN)).isEqualTo(ExitCode.FINDINGS);
    assertThat(out.toString()).contains("not undone:", "was changed since: it is left as it is");
    assertThat(objects).containsKey(ROLES);
    assertThat(journal).exists();
  }

  @Test
  void aClusterThatDoesNotAnswerLeavesTheRunToBeUndoneLater() throws IOException {
    Path journal = noted();
    api.stop(0);
    assertThat(undo(RUN)).isEqualTo(ExitCode.FINDINGS);
    assertThat(out.toString()).contains("not undone: the API server:");
    assertThat(journal).exists();
  }
}
