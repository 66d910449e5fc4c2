package io.selvage.it.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.cli.Main;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * One bootstrap file, read by an Envoy and by {@code selvage proxy} in turn: both give each request
 * the same verdict, and their application sees the same path.
 */
@Tag("real")
class SameBootstrapTest {
  @TempDir private static Path home;
  private static final Opened OPENED = new Opened();
  private static final Map<String, String> ENVOY = new LinkedHashMap<>();
  private static final Map<String, String> OURS = new LinkedHashMap<>();

  /** Requests by what they are, byte for byte but for {@code Host} and {@code Connection}. */
  private static final List<String> REQUESTS =
      List.of(
          "GET /",
          "GET /admin",
          "GET /admin/",
          "GET /admin?x=1",
          "GET /admin#x",
          "GET /Admin",
          "GET //admin",
          "GET /./admin",
          "GET /x/../admin",
          "GET /../admin",
          "GET /x/../../admin",
          "GET /%61dmin",
          "GET /%2e/admin",
          "GET /x/%2e%2e/admin",
          "GET /admin%2f",
          "GET /x%2f..%2fadmin",
          "GET /x\\..\\admin",
          "GET \\admin",
          "GET /admin;a=b",
          "GET /admin%00",
          "GET /admin%20",
          "GET /%252e%252e/admin",
          "GET /%c0%ae%c0%ae/admin",
          "GET /secret",
          "GET /secret/",
          "GET /secret/a/b",
          "GET /secretive",
          "GET /x/secret/",
          "GET /report.bak",
          "GET /report.bak?x",
          "GET /report.BAK",
          "GET /t/a/z",
          "GET /t/a/b/z",
          "GET /t//z",
          "GET /t/a%2fb/z",
          "GET /t/*/z",
          "DELETE /x",
          "delete /x",
          "OPTIONS *",
          "GET /x|x-role: evil",
          "GET /x|X-ROLE: evil",
          "GET /x|x-role: Evil",
          "GET /x|x-role:evil",
          "GET /x|x-role:   evil  ",
          "GET /x|x-role: good|x-role: evil",
          "GET /x|x-role: evil,good",
          "GET /x|x-role: evilish",
          "GET /x|x-rank: top-1",
          "GET /x|x-rank: ",
          "GET /x|x-must-not: ",
          "GET http://open.example.com/admin",
          "GET http://open.example.com/x/../admin?y",
          "GET http://open.example.com/x",
          "GET http://open.example.com",
          "GET http://closed.example.com/x|Host: closed.example.com",
          "GET http://other.example.com/x",
          "GET /x|Host: closed.example.com",
          "GET /x|Host: CLOSED.example.com",
          "GET /x|Host: closed.example.com:80",
          "GET /x|Host: closed.example.com.",
          "POST /x|Content-Length: 0",
          "POST /x|Content-Length: 0|Content-Length: 0",
          "POST /x|Content-Length: 0|Content-Length: 1",
          "POST /x|Content-Length: +0",
          "POST /x|Content-Length: 0|Transfer-Encoding: chunked",
          "GET /x|x folded: y",
          "GET /x|x-a : y",
          "GET /x| folded");

  /** Our verdict where it is another than Envoy's, and meant to be. */
  private static final Map<String, String> DIFFERENCES =
      Map.of(
          // Envoy refuses fragments unless its runtime says, as Istio's bootstrap does, to cut them
          "GET /admin#x", "403 RBAC: access denied",
          // any token is a method (RFC 9110 9.1); Envoy's HTTP/1 parser knows a list of them
          "delete /x", "200 delete /x HTTP/1.1",
          // two names for one host: Envoy takes the target's, as RFC 9112 3.2.2 says; we take none
          "GET http://other.example.com/x", "400");

  @BeforeAll
  static void ask() throws Exception {
    int program = program();
    int listener = FreePort.find();
    Path bootstrap = home.resolve("bootstrap.json");
    Files.writeString(bootstrap, bootstrap(listener, FreePort.find(), program));
    try (var envoy = EnvoyProcess.here(home, bootstrap)) {
      envoy.until("Envoy listens", () -> answers(listener), listens -> listens);
      ENVOY.putAll(verdicts(listener));
    }
    Process proxy =
        Tool.start(
            Map.of(), Tool.java(List.of(), Main.class, "proxy", "--config", bootstrap.toString()));
    try {
      assertThat(proxy.inputReader().readLine()).contains("inbound listens on");
      Until.holds("our proxy listens", () -> answers(listener));
      OURS.putAll(verdicts(listener));
    } finally {
      proxy.destroyForcibly().waitFor();
    }
  }

  /** All at once, since Envoy waits a second before it closes after an error. */
  private static Map<String, String> verdicts(int port) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Map<String, Future<String>> asked = new LinkedHashMap<>();
      REQUESTS.forEach(request -> asked.put(request, threads.submit(() -> verdict(port, request))));
      Map<String, String> verdicts = new LinkedHashMap<>();
      for (var entry : asked.entrySet()) {
        verdicts.put(entry.getKey(), entry.getValue().get());
      }
      return verdicts;
    }
  }

  @AfterAll
  static void close() {
    OPENED.close();
  }

  @TestFactory
  List<DynamicTest> bothGiveTheSameVerdict() {
    return REQUESTS.stream()
        .filter(request -> !DIFFERENCES.containsKey(request))
        .map(
            request ->
                DynamicTest.dynamicTest(
                    request, () -> assertThat(OURS.get(request)).isEqualTo(ENVOY.get(request))))
        .toList();
  }

  @Test
  void bothAnswerEveryRequest() {
    assertThat(ENVOY).doesNotContainValue("read timed out");
    assertThat(OURS).doesNotContainValue("read timed out");
  }

  @Test
  void whereTheyDifferIsWrittenDown() {
    assertThat(OURS).containsAllEntriesOf(DIFFERENCES);
    assertThat(DIFFERENCES)
        .allSatisfy((request, verdict) -> assertThat(ENVOY.get(request)).isNotEqualTo(verdict));
  }

  /** A server that answers with the first line that it got. */
  private static int program() throws IOException {
    ServerSocket server = OPENED.add(new ServerSocket(0, 100, RunningMesh.loopback()));
    var _ =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!server.isClosed()) {
                    try {
                      Socket socket = server.accept();
                      Thread.ofVirtual().start(() -> answer(socket));
                    } catch (IOException e) {
                      return;
                    }
                  }
                });
    return server.getLocalPort();
  }

  private static void answer(Socket socket) {
    try (socket) {
      String head = head(socket.getInputStream());
      String first = head.substring(0, Math.max(0, head.indexOf('\r')));
      socket
          .getOutputStream()
          .write(
              "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                  .formatted(first.length(), first)
                  .getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      // the proxy is gone
    }
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        return head.toString();
      }
      head.append((char) b);
    }
    return head.toString();
  }

  private static boolean answers(int port) {
    return verdict(port, "GET /").startsWith("200");
  }

  /** The status, with the proxy's words for a denial and what the program saw of the rest. */
  private static String verdict(int port, String request) {
    var lines = new ArrayList<>(List.of(request.split("\\|", -1)));
    lines.set(0, lines.getFirst() + " HTTP/1.1");
    if (lines.stream().noneMatch(line -> line.startsWith("Host:"))) {
      lines.add(1, "Host: open.example.com");
    }
    lines.add("Connection: close");
    String body = request.contains("chunked") ? "0\r\n\r\n" : "";
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(RunningMesh.loopback(), port));
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              (String.join("\r\n", lines) + "\r\n\r\n" + body)
                  .getBytes(StandardCharsets.ISO_8859_1));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      if (all.isEmpty()) {
        return "closed";
      }
      String status = all.substring(9, 12);
      return status.equals("200") || status.equals("403")
          ? status + " " + all.substring(all.indexOf("\r\n\r\n") + 4)
          : status;
    } catch (IOException e) {
      return e.getMessage() == null ? "closed" : e.getMessage().toLowerCase(Locale.ROOT);
    }
  }

  private static String bootstrap(int listener, int admin, int program) {
    return """
    {
      "node": {"id": "same", "cluster": "same"},
      "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": %2$d}}},
      "static_resources": {
        "listeners": [{
          "name": "inbound",
          "traffic_direction": "INBOUND",
          "address": {"socket_address": {"address": "127.0.0.1", "port_value": %1$d}},
          "filter_chains": [{"filters": [{
            "name": "envoy.filters.network.http_connection_manager",
            "typed_config": {
              "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
              "stat_prefix": "inbound",
              "normalize_path": true,
              "server_name": "istio-envoy",
              "route_config": {"name": "all", "virtual_hosts": [{
                "name": "all", "domains": ["*"],
                "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "program", "timeout": "0s"}}]
              }]},
              "http_filters": [%4$s,
                {"name": "envoy.filters.http.router", "typed_config": {
                  "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]
            }
          }]}]
        }],
        "clusters": [{
          "name": "program", "type": "STATIC", "connect_timeout": "5s",
          "load_assignment": {"cluster_name": "program", "endpoints": [{"lb_endpoints": [
            {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": %3$d}}}}]}]},
          "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              "explicit_http_config": {"http_protocol_options": {}}}}
        }]
      }
    }
    """
        .formatted(listener, admin, program, DENY);
  }

  private static final String DENY =
      """
      {"name": "envoy.filters.http.rbac", "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        "rules": {"action": "DENY", "policies": {
          "paths": {
            "permissions": [{"or_rules": {"rules": [
              {"url_path": {"path": {"exact": "/admin"}}},
              {"url_path": {"path": {"prefix": "/secret/"}}},
              {"url_path": {"path": {"suffix": ".bak"}}},
              {"uri_template": {"name": "uri-template", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig",
                "path_template": "/t/*/z"}}}]}}],
            "principals": [{"any": true}]},
          "methods": {
            "permissions": [{"header": {"name": ":method", "string_match": {"exact": "DELETE"}}}],
            "principals": [{"any": true}]},
          "headers": {
            "permissions": [{"or_rules": {"rules": [
              {"header": {"name": "x-role", "string_match": {"exact": "evil"}}},
              {"header": {"name": "x-rank", "string_match": {"prefix": "top-"}}},
              {"header": {"name": "x-must-not", "present_match": true}}]}}],
            "principals": [{"any": true}]},
          "hosts": {
            "permissions": [{"header": {"name": ":authority", "string_match":
              {"exact": "closed.example.com", "ignore_case": true}}}],
            "principals": [{"any": true}]}
        }}}}\
      """;
}
