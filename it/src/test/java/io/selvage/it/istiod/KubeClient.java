package io.selvage.it.istiod;

import io.selvage.pki.TrustBundle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads and writes objects of a Kubernetes API over its REST interface. */
public final class KubeClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient http;
  private final String base;
  private final String token;
  private final Map<String, Map<String, Kind>> kinds = new ConcurrentHashMap<>();

  /** How a kind of one API version is called in URLs. */
  private record Kind(String plural, boolean namespaced) {}

  /** An answer that was no success. */
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    private final int status;

    Refused(String what, int status, String answer) {
      super("%s: %d %s".formatted(what, status, answer));
      this.status = status;
    }

    /** The HTTP status. */
    public int status() {
      return status;
    }
  }

  KubeClient(int port, String token, List<X509Certificate> roots) throws GeneralSecurityException {
    var tls = SSLContext.getInstance("TLS");
    tls.init(null, new TrustManager[] {TrustBundle.of(roots).hostTrustManager()}, null);
    this.http = HttpClient.newBuilder().sslContext(tls).connectTimeout(LIMIT).build();
    this.base = "https://127.0.0.1:" + port;
    this.token = token;
  }

  boolean isReady() throws InterruptedException {
    try {
      return send(request("/readyz").GET()).statusCode() == 200;
    } catch (IOException e) {
      return false; // it does not listen yet
    }
  }

  /**
   * Makes objects as they are given, by server-side apply; what is the same already stays.
   *
   * @return as they are now
   */
  public List<JsonNode> apply(List<JsonNode> objects) throws IOException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    for (JsonNode object : objects) {
      all.add(apply(object));
    }
    return all;
  }

  /** As {@link #apply(List)}, of the objects of a text. */
  public List<JsonNode> apply(String manifests) throws IOException, InterruptedException {
    return apply(Manifest.read(manifests));
  }

  private JsonNode apply(JsonNode object) throws IOException, InterruptedException {
    return patch(object, path(object));
  }

  /** Writes an object's {@code status}, as a controller does. */
  public void status(JsonNode object) throws IOException, InterruptedException {
    patch(object, path(object) + "/status");
  }

  private JsonNode patch(JsonNode object, String path) throws IOException, InterruptedException {
    return json(
        "apply " + Manifest.id(object),
        send(
            request(path + "?fieldManager=it&force=true")
                .header("Content-Type", "application/apply-patch+yaml")
                .method("PATCH", BodyPublishers.ofString(JSON.writeValueAsString(object)))));
  }

  /** Deletes objects, of which only kind, namespace and name are looked at; may be gone already. */
  public void delete(List<JsonNode> objects) throws IOException, InterruptedException {
    for (JsonNode object : objects) {
      HttpResponse<String> answer = send(request(path(object)).DELETE());
      if (answer.statusCode() != 404) {
        json("delete " + Manifest.id(object), answer);
      }
    }
  }

  /** Deletes an object at once, as kubelet does with a Pod that has ended. */
  public void deleteNow(JsonNode object) throws IOException, InterruptedException {
    String path = path(object) + "?gracePeriodSeconds=0";
    json("delete " + Manifest.id(object), send(request(path).DELETE()));
  }

  /** The object of the same kind, namespace and name as it is now. */
  public JsonNode get(JsonNode object) throws IOException, InterruptedException {
    return json("get " + Manifest.id(object), send(request(path(object)).GET()));
  }

  /** The objects at a path, such as {@code /api/v1/namespaces/default/configmaps}. */
  public List<JsonNode> list(String path) throws IOException, InterruptedException {
    List<JsonNode> all = new ArrayList<>();
    json("list " + path, send(request(path).GET())).path("items").forEach(all::add);
    return all;
  }

  /** A token of a pod's ServiceAccount for Istio's CA, as kubelet projects it, good for an hour. */
  public String istioToken(String namespace, String account, String pod)
      throws IOException, InterruptedException {
    return token(
        namespace,
        account,
        Map.of(
            "audiences", List.of("istio-ca"),
            "expirationSeconds", 3600,
            "boundObjectRef", Map.of("kind", "Pod", "apiVersion", "v1", "name", pod)));
  }

  /** A token of a ServiceAccount as a {@code TokenRequest} with that {@code spec} gives it. */
  public String token(String namespace, String account, Map<String, ?> spec)
      throws IOException, InterruptedException {
    return json(
            "token of " + namespace + "/" + account,
            send(
                request(
                        "/api/v1/namespaces/%s/serviceaccounts/%s/token"
                            .formatted(namespace, account))
                    .header("Content-Type", "application/json")
                    .POST(
                        BodyPublishers.ofString(
                            JSON.writeValueAsString(
                                Map.of(
                                    "apiVersion", "authentication.k8s.io/v1",
                                    "kind", "TokenRequest",
                                    "spec", spec))))))
        .path("status")
        .path("token")
        .asString();
  }

  /** The API server's time, to the second, by which it dates objects. */
  public Instant now() throws IOException, InterruptedException {
    String date = send(request("/version").GET()).headers().firstValue("Date").orElseThrow();
    return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
  }

  /** Whether an API version is served, as after its CustomResourceDefinition was made. */
  public boolean serves(JsonNode definition) throws IOException, InterruptedException {
    JsonNode spec = definition.path("spec");
    String version =
        spec.path("group").asString() + "/" + spec.path("versions").path(0).path("name").asString();
    return kinds(version).containsKey(spec.path("names").path("kind").asString());
  }

  private String path(JsonNode object) throws IOException, InterruptedException {
    String version = object.path("apiVersion").asString();
    Kind kind = kind(version, object.path("kind").asString());
    JsonNode metadata = object.path("metadata");
    String folder = version.contains("/") ? "/apis/" + version : "/api/" + version;
    if (kind.namespaced()) {
      folder += "/namespaces/" + metadata.path("namespace").asString("default");
    }
    return "%s/%s/%s".formatted(folder, kind.plural(), metadata.path("name").asString());
  }

  private Kind kind(String version, String kind) throws IOException, InterruptedException {
    Kind known = kinds.getOrDefault(version, Map.of()).get(kind);
    if (known != null) {
      return known;
    }
    Map<String, Kind> served = kinds(version);
    Kind found = served.get(kind);
    if (found == null) {
      throw new AssertionError(
          "%s of %s is not served, but %s".formatted(kind, version, served.keySet()));
    }
    kinds.put(version, served);
    return found;
  }

  private Map<String, Kind> kinds(String version) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send(request((version.contains("/") ? "/apis/" : "/api/") + version).GET());
    Map<String, Kind> all = new HashMap<>();
    if (answer.statusCode() == 404) {
      return all; // none of it yet
    }
    for (JsonNode each : json("discover " + version, answer).path("resources")) {
      String name = each.path("name").asString();
      if (!name.contains("/")) {
        all.put(each.path("kind").asString(), new Kind(name, each.path("namespaced").asBoolean()));
      }
    }
    return all;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(base + path))
        .timeout(LIMIT)
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(String what, HttpResponse<String> answer) throws Refused {
    if (answer.statusCode() / 100 != 2) {
      throw new Refused(what, answer.statusCode(), answer.body());
    }
    return JSON.readTree(answer.body());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
