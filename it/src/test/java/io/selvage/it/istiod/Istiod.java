package io.selvage.it.istiod;

import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.it.stage.Until;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.Pem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Istio's control plane, unchanged, on a real Kubernetes API, all on loopback: resource definitions
 * and rights as {@code istioctl} installs them, and a plug-in CA whose key the test holds.
 *
 * <pre>{@code
 * try (var istiod = Istiod.start(folder, Istiod.Settings.FOR_ANY_ENVOY)) {
 *   var server = new Workload("foo", "server", "server", "10.77.0.1", Map.of("app", "server"));
 *   istiod.add(server, "server", List.of(new ServicePort("http", 8000, 8080)));
 *   var sidecar = AgentSidecar.start(istiod, server, place, folder);
 *   istiod.replace(Manifest.read(policies));   // these and no other resources of Istio's
 *   sidecar.await(istiod.mark());              // and this proxy has them
 * }
 * }</pre>
 */
public final class Istiod implements AutoCloseable {
  /** The DNS name of its certificate, by which proxies know it. */
  public static final String SERVER_NAME = "istiod.istio-system.svc";

  /** The cluster's id. */
  public static final String CLUSTER = "Kubernetes";

  /** The trust domain. */
  public static final String TRUST_DOMAIN = "cluster.local";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String MARK = "it-mark";
  private static final int FIRST_MARK = 20_000;
  private static final int MARKS = 20_000;

  private final Opened opened = new Opened();
  private final Path folder;
  private final Settings settings;
  private final CertificateAuthority authority;
  private final KubeApi kube;
  private final PeerProcess process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final int debugPort = FreePort.find();
  private final int securePort = FreePort.find();
  private final Map<String, JsonNode> given = new HashMap<>();
  private final Map<String, String> versions = new TreeMap<>();
  private int marks;
  private int meshes;

  /**
   * How it runs.
   *
   * @param environment variables of the process, beside those that make it fast and local
   * @param mesh its MeshConfig, beside root namespace and trust domain
   */
  public record Settings(Map<String, String> environment, Map<String, ?> mesh) {
    /** As installed: for proxies that know Istio's own extensions, or pass over them. */
    public static final Settings DEFAULT =
        new Settings(
            Map.of(), Map.of("defaultProviders", Map.of("metrics", List.of("prometheus"))));

    /**
     * Without the filters that only Istio's own build of Envoy has: metadata exchange, the override
     * of ALPN, Istio's metrics.
     */
    public static final Settings FOR_ANY_ENVOY =
        new Settings(
            Map.of("PILOT_ENABLE_METADATA_EXCHANGE", "false", "PILOT_ENABLE_ALPN_FILTER", "false"),
            Map.of());

    public Settings {
      environment = Map.copyOf(environment);
      mesh = Map.copyOf(mesh);
    }
  }

  private Istiod(Path folder, Settings settings) throws Exception {
    this.folder = Files.createDirectories(folder);
    this.settings = settings;
    this.authority = Installation.plugIn(folder.resolve("cacerts"), TRUST_DOMAIN);
    try {
      this.kube = opened.add(KubeApi.start(folder.resolve("kube")));
      Installation.into(kube.client());
      writeMesh(Map.of());
      this.process = opened.add(launch());
      process.until("istiod is ready", () -> answers("/ready"), ready -> ready);
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /** Starts all of it, with its state in {@code folder}, and waits until it serves proxies. */
  public static Istiod start(Path folder, Settings settings) throws Exception {
    return new Istiod(folder, settings);
  }

  private PeerProcess launch() throws IOException {
    var environment = new HashMap<String, String>();
    environment.putAll(
        Map.of(
            "ROOT_CA_DIR", folder.resolve("cacerts").toRealPath().toString(),
            "POD_NAME", "istiod",
            "POD_NAMESPACE", "istio-system",
            "CLUSTER_ID", CLUSTER,
            "REVISION", "default",
            "PILOT_CERT_PROVIDER", "istiod",
            "PILOT_DEBOUNCE_AFTER", "5ms",
            "PILOT_DEBOUNCE_MAX", "50ms",
            "PILOT_MAX_REQUESTS_PER_SECOND", "1000",
            "ENABLE_DEBUG_ENDPOINT_AUTH", "false"));
    environment.putAll(settings.environment());
    return PeerProcess.start(
        "istiod",
        folder,
        environment,
        List.of(
            Tool.peer("pilot-discovery").toString(),
            "discovery",
            "--kubeconfig=" + kube.kubeconfig().toRealPath(),
            "--httpAddr=127.0.0.1:" + debugPort,
            "--secureGRPCAddr=127.0.0.1:" + securePort,
            "--httpsAddr=127.0.0.1:" + FreePort.find(),
            "--grpcAddr=127.0.0.1:" + FreePort.find(),
            "--monitoringAddr=127.0.0.1:" + FreePort.find(),
            "--ctrlz_port=0"));
  }

  private boolean answers(String path) throws InterruptedException {
    try {
      return get(path).statusCode() == 200;
    } catch (IOException e) {
      return false; // it does not listen yet
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + debugPort + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  /** The Kubernetes API below it, for objects that {@link #replace} shall not take away. */
  public KubeApi kube() {
    return kube;
  }

  /** Its CA, which can sign whatever identity a test needs. */
  public CertificateAuthority authority() {
    return authority;
  }

  /** The mesh's root, PEM. */
  public String roots() {
    return Pem.of(authority.root());
  }

  /** Where proxies join with TLS: xDS and the CA, 15012 of an installation; on 127.0.0.1. */
  public int port() {
    return securePort;
  }

  /** What it wrote. */
  public String log() throws IOException {
    return process.log();
  }

  /** The answer of a debug endpoint, such as {@code syncz}. */
  public JsonNode debug(String name) throws IOException, InterruptedException {
    return JSON.readTree(get("/debug/" + name).body());
  }

  /** Adds a workload that serves a service of its namespace. */
  public void add(Workload workload, String service, List<Workload.ServicePort> ports)
      throws IOException, InterruptedException {
    add(workload);
    kube.client().apply(workload.service(service, ports));
  }

  /** Adds a workload whose Pod runs. */
  public void add(Workload workload) throws IOException, InterruptedException {
    kube.client().apply(workload.objects());
    kube.client().status(workload.running());
  }

  /**
   * Sets the MeshConfig to that of the settings with {@code more} over it, and waits until it
   * holds. Trust domain and root namespace are read at the start only.
   */
  public void mesh(Map<String, ?> more) throws Exception {
    String mark = writeMesh(more);
    Until.seen(
        "the MeshConfig holds",
        () -> debug("mesh"),
        mesh ->
            mesh.path("defaultConfig")
                .path("proxyMetadata")
                .path("IT_MARK")
                .asString("")
                .equals(mark));
  }

  private String writeMesh(Map<String, ?> more) throws IOException, InterruptedException {
    String mark = Integer.toString(++meshes);
    var mesh = new LinkedHashMap<String, Object>();
    mesh.put("rootNamespace", "istio-system");
    mesh.put("trustDomain", TRUST_DOMAIN);
    mesh.putAll(settings.mesh());
    mesh.putAll(more);
    var proxies = new LinkedHashMap<String, Object>();
    if (mesh.get("defaultConfig") instanceof Map<?, ?> given) {
      given.forEach((name, value) -> proxies.put(String.valueOf(name), value));
    }
    proxies.put("proxyMetadata", Map.of("IT_MARK", mark));
    mesh.put("defaultConfig", proxies);
    JsonNode map =
        JSON.valueToTree(
            Map.of(
                "apiVersion",
                "v1",
                "kind",
                "ConfigMap",
                "metadata",
                Map.of("name", "istio", "namespace", "istio-system"),
                "data",
                Map.of("mesh", JSON.writeValueAsString(mesh), "meshNetworks", "networks: {}")));
    kube.client().apply(List.of(map));
    return mark;
  }

  /**
   * Makes these the only objects that were given here, whatever their kinds, and waits until
   * istiod's store holds exactly those of them that are Istio's.
   *
   * @throws KubeClient.Refused by the API server, for what the resource definitions don't allow;
   *     then the next call puts all in order again
   */
  public void replace(Collection<JsonNode> objects) throws Exception {
    var wanted = new LinkedHashMap<String, JsonNode>();
    objects.forEach(object -> wanted.put(Manifest.id(object), object));
    List<JsonNode> gone =
        given.entrySet().stream()
            .filter(entry -> !wanted.containsKey(entry.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    kube.client().delete(gone);
    for (JsonNode object : gone) {
      given.remove(Manifest.id(object));
      versions.remove(Manifest.id(object));
    }
    for (var entry : wanted.entrySet()) {
      if (!entry.getValue().equals(given.get(entry.getKey()))) {
        given.put(entry.getKey(), entry.getValue());
        JsonNode now = kube.client().apply(List.of(entry.getValue())).getFirst();
        if (now.path("apiVersion").asString().contains(".istio.io/")) {
          versions.put(Manifest.id(now), version(now.path("metadata")));
        }
      }
    }
    Until.seen("istiod's store holds what was applied", this::stored, versions::equals);
  }

  private Map<String, String> stored() throws IOException, InterruptedException {
    var all = new TreeMap<String, String>();
    for (JsonNode object : debug("configz")) {
      JsonNode metadata = object.path("metadata");
      if (object.path("apiVersion").asString().contains(".istio.io/")
          && !metadata.path("name").asString().equals(MARK)
          // what istiod makes itself of another object has a name that Kubernetes knows not
          && !metadata.path("name").asString().contains("~")) {
        all.put(Manifest.id(object), version(metadata));
      }
    }
    return all;
  }

  /**
   * What changes with every change that was asked for. A resourceVersion changes also when istiod
   * writes a status, such as the addresses that it gives to a ServiceEntry without any.
   */
  private static String version(JsonNode metadata) {
    return String.join(
        " ",
        metadata.path("uid").asString(),
        Long.toString(metadata.path("generation").asLong()),
        metadata.path("labels").toString(),
        metadata.path("annotations").toString());
  }

  /**
   * Has istiod make a listener that no proxy has yet. Since proxies get all listeners at once, one
   * that has this has whatever istiod knew before.
   *
   * @return the listener's name
   */
  public String mark() throws IOException, InterruptedException {
    int port = FIRST_MARK + marks++ % MARKS;
    kube.client()
        .apply(
            """
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: %s, namespace: istio-system}
            spec:
              hosts: [mark.it.invalid]
              ports: [{number: %d, name: tcp, protocol: TCP}]
              resolution: NONE
            """
                .formatted(MARK, port));
    return "0.0.0.0_" + port;
  }

  /** Kind, namespace and name of what was given and is there. */
  public List<String> given() {
    return new ArrayList<>(given.keySet());
  }

  @Override
  public void close() {
    http.shutdownNow();
    opened.close();
  }
}
