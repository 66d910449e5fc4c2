package io.selvage.cli.rehearsal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.PkiException;
import io.selvage.pki.SpiffeId;
import io.selvage.pki.TrustBundle;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Kubernetes API of a few objects, on loopback and over TLS as all of them: what the doctor and a
 * control plane rehearse on. Lists are answered with what is there, watches with what changes,
 * reviews with yes; what is written is there from then on, and all else is answered with 404.
 */
public final class ApiServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final String NAME = "localhost";
  private static final Duration LIFETIME = Duration.ofHours(1);

  private final HttpsServer server;
  private final String roots;
  private final ScratchFolder folder;
  private final JsonNode objects;
  private final Map<String, JsonNode> written = new ConcurrentHashMap<>();
  private final List<Watch> watches = new CopyOnWriteArrayList<>();
  private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

  /** Who watches a list, and what is to be told. */
  private record Watch(String list, BlockingQueue<Optional<JsonNode>> changes) {}

  private ApiServer(HttpsServer server, String roots, ScratchFolder folder, JsonNode objects) {
    this.server = server;
    this.roots = roots;
    this.folder = folder;
    this.objects = objects;
  }

  /** Starts it with a few objects, some of them wrong in a way that the doctor finds. */
  public static ApiServer start(InstantSource clock, SecureRandom random) throws IOException {
    return start(JSON.readTree(ScratchFolder.resource("cluster.json")), clock, random);
  }

  /**
   * Starts it.
   *
   * @param objects lists by path
   */
  static ApiServer start(JsonNode objects, InstantSource clock, SecureRandom random)
      throws IOException {
    try {
      var profile = new CaProfile.Istiod("cluster.local");
      var authority =
          new CertificateAuthority(
              CaCredentials.selfSigned(
                  profile, KeyAlgorithm.ECDSA_P256, LIFETIME, clock.instant(), random),
              profile,
              CertificateAuthority.Limits.DEFAULT,
              clock,
              random);
      HttpsServer server =
          HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(serving(authority)));
      var api =
          new ApiServer(
              server, TrustBundle.of(authority.root()).pem(), ScratchFolder.create(), objects);
      api.server.createContext("/", api::answer);
      api.server.setExecutor(api.requests);
      api.server.start();
      return api;
    } catch (GeneralSecurityException | PkiException e) {
      throw new IOException("no TLS: " + e.getMessage(), e);
    }
  }

  private static SSLContext serving(CertificateAuthority authority)
      throws GeneralSecurityException, PkiException, IOException {
    WorkloadCertificate own =
        authority.issueServing(
            KeyAlgorithm.ECDSA_P256,
            SpiffeId.workload("cluster.local", "kube-system", "kube-apiserver"),
            List.of(NAME),
            LIFETIME);
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    char[] none = {};
    store.setKeyEntry(NAME, own.privateKey(), none, own.certificates().toArray(Certificate[]::new));
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, none);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  /** The file by which clients find it; its context is {@code rehearsal}. */
  public Path kubeconfig() throws IOException {
    folder.write("roots.pem", roots);
    return folder.write(
        "config",
        """
        apiVersion: v1
        kind: Config
        current-context: rehearsal
        clusters: [{name: rehearsal, cluster: {server: "https://%s:%d", certificate-authority: roots.pem}}]
        users: [{name: rehearsal, user: {}}]
        contexts: [{name: rehearsal, context: {cluster: rehearsal, user: rehearsal}}]
        """
            .formatted(NAME, server.getAddress().getPort()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] asked = exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      if (String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=true")) {
        watch(exchange);
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

  private void watch(HttpExchange exchange) throws IOException, InterruptedException {
    if (exchange.getRequestHeaders().containsKey("Upgrade")) {
      exchange.sendResponseHeaders(200, -1); // no WebSocket: the client then watches over HTTP
      return;
    }
    exchange.sendResponseHeaders(200, 0);
    exchange.getResponseBody().flush();
    var watch = new Watch(exchange.getRequestURI().getPath(), new LinkedBlockingQueue<>());
    watches.add(watch);
    var change = watch.changes().take();
    while (change.isPresent()) {
      exchange.getResponseBody().write((change.get() + "\n").getBytes(UTF_8));
      exchange.getResponseBody().flush();
      change = watch.changes().take();
    }
  }

  /** Tells all who watch a list that an object of it is now this one. */
  void change(String list, JsonNode object) {
    JsonNode event = JSON.createObjectNode().put("type", "MODIFIED").set("object", object);
    for (Watch watch : watches) {
      if (watch.list().equals(list)) {
        watch.changes().add(Optional.of(event));
      }
    }
  }

  /** What was written at a path. */
  Optional<JsonNode> written(String path) {
    return Optional.ofNullable(written.get(path));
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

  /** Rights are granted, and a token {@code NAMESPACE:ACCOUNT} is that ServiceAccount's. */
  private static JsonNode reviewed(JsonNode review) {
    if (!(review instanceof ObjectNode object)) {
      return review;
    }
    ObjectNode status = JSON.createObjectNode();
    String token = review.path("spec").path("token").asString("");
    if (token.isEmpty()) {
      status.put("allowed", true).put("reason", "told");
    } else {
      status.put("authenticated", true).putArray("audiences").add("istio-ca");
      ObjectNode user = status.putObject("user").put("username", "system:serviceaccount:" + token);
      user.putArray("groups").add("system:serviceaccounts");
    }
    return object.set("status", status);
  }

  @Override
  public void close() throws IOException {
    watches.forEach(watch -> watch.changes().add(Optional.empty()));
    server.stop(0);
    requests.shutdownNow();
    folder.close();
  }
}
