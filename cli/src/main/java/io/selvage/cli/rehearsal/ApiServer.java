package io.selvage.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Kubernetes API of a few objects, on loopback: what the doctor rehearses on. Lists are answered
 * with what is there, reviews of rights with yes, and all else with 404.
 */
public final class ApiServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpServer server;
  private final ScratchFolder folder;
  private final JsonNode objects;

  private ApiServer(HttpServer server, ScratchFolder folder, JsonNode objects) {
    this.server = server;
    this.folder = folder;
    this.objects = objects;
  }

  /** Starts it. */
  public static ApiServer start() throws IOException {
    var api =
        new ApiServer(
            HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0),
            ScratchFolder.create(),
            JSON.readTree(ScratchFolder.resource("cluster.json")));
    api.server.createContext("/", api::answer);
    api.server.start();
    return api;
  }

  /** The file by which clients find it; its context is {@code rehearsal}. */
  public Path kubeconfig() throws IOException {
    return folder.write(
        "config",
        """
        apiVersion: v1
        kind: Config
        current-context: rehearsal
        clusters: [{name: rehearsal, cluster: {server: "http://127.0.0.1:%d"}}]
        users: [{name: rehearsal, user: {}}]
        contexts: [{name: rehearsal, context: {cluster: rehearsal, user: rehearsal}}]
        """
            .formatted(server.getAddress().getPort()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] asked = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().getPath();
      JsonNode found = objects.path(path);
      String body;
      int status = 200;
      if (path.endsWith("reviews")) {
        body = reviewed(JSON.readTree(asked)).toString();
        status = 201;
      } else if (!found.isMissingNode()) {
        body = found.toString();
      } else if (path.startsWith("/api") && !path.endsWith("/portforward")) {
        body = "{\"kind\": \"List\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": []}";
      } else {
        body = "{\"kind\": \"Status\", \"message\": \"not found\", \"code\": 404}";
        status = 404;
      }
      byte[] bytes = body.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static JsonNode reviewed(JsonNode review) {
    return review instanceof tools.jackson.databind.node.ObjectNode object
        ? object.set("status", JSON.createObjectNode().put("allowed", true).put("reason", "told"))
        : review;
  }

  @Override
  public void close() throws IOException {
    server.stop(0);
    folder.close();
  }
}
