package io.selvage.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Kubernetes API of a few objects, on loopback: what the doctor and a control plane rehearse on.
 * Lists are answered with what is there, watches with nothing, reviews of rights with yes; what is
 * written is there from then on, and all else is answered with 404.
 */
public final class ApiServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpServer server;
  private final ScratchFolder folder;
  private final JsonNode objects;
  private final Map<String, JsonNode> written = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

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
    api.server.setExecutor(api.requests);
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
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=true")) {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().flush();
        closed.await();
        return;
      }
      Answer answer =
          answer(exchange.getRequestMethod(), exchange.getRequestURI().getPath(), asked);
      byte[] bytes = answer.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private record Answer(int status, String body) {}

  private Answer answer(String method, String path, byte[] asked) {
    JsonNode found = written.getOrDefault(path, objects.path(path));
    if (path.endsWith("reviews")) {
      return new Answer(201, reviewed(JSON.readTree(asked)).toString());
    } else if (method.equals("POST") || method.equals("PUT")) {
      JsonNode object = JSON.readTree(asked);
      String name = object.path("metadata").path("name").asString("");
      written.put(method.equals("POST") ? path + "/" + name : path, object);
      return new Answer(method.equals("POST") ? 201 : 200, object.toString());
    } else if (!found.isMissingNode()) {
      return new Answer(200, found.toString());
    } else if (path.startsWith("/api") && !isOne(path)) {
      return new Answer(
          200,
          "{\"kind\": \"List\", \"apiVersion\": \"v1\", \"metadata\": {\"resourceVersion\": \"1\"}, \"items\": []}");
    }
    return new Answer(404, "{\"kind\": \"Status\", \"message\": \"not found\", \"code\": 404}");
  }

  /** Whether a path is one object's of a namespace, or a part of one. */
  private static boolean isOne(String path) {
    String[] parts = path.split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      if (parts[i].equals("namespaces")) {
        return parts.length > i + 3;
      }
    }
    return false;
  }

  private static JsonNode reviewed(JsonNode review) {
    return review instanceof tools.jackson.databind.node.ObjectNode object
        ? object.set("status", JSON.createObjectNode().put("allowed", true).put("reason", "told"))
        : review;
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    server.stop(0);
    requests.shutdownNow();
    folder.close();
  }
}
