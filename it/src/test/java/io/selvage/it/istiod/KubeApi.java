package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Tool;
import io.selvage.pki.Pem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A real Kubernetes API on loopback: etcd and kube-apiserver with RBAC and ServiceAccount tokens
 * that are good for Istio's CA. There are no controllers and no nodes: nothing makes pods or
 * endpoints of what is written, and nothing of it runs.
 */
public final class KubeApi implements AutoCloseable {
  private static final String ISSUER = "https://kubernetes.default.svc";
  private static final String SERVICES = "10.96.77.0/24";

  private final Opened opened = new Opened();
  private final Path folder;
  private final List<String> more;
  private final Map<String, String> environment;
  private final int port;
  private final String token;
  private final String etcd = "http://127.0.0.1:" + FreePort.find();
  private final HttpClient http = HttpClient.newHttpClient();
  private final KubeClient client;
  private final String peer = "http://127.0.0.1:" + FreePort.find();
  private @Nullable PeerProcess server;
  private @Nullable PeerProcess store;

  private KubeApi(Path folder, List<String> more, Map<String, String> environment)
      throws Exception {
    this.folder = Files.createDirectories(folder);
    this.more = List.copyOf(more);
    this.environment = Map.copyOf(environment);
    this.port = FreePort.find();
    byte[] secret = new byte[16];
    new java.security.SecureRandom().nextBytes(secret);
    this.token = HexFormat.of().formatHex(secret);
    try {
      this.client = launch();
    } catch (Throwable e) {
      opened.close();
      throw e;
    }
  }

  /** Starts it, with its state in {@code folder}, and waits until it is ready. */
  public static KubeApi start(Path folder) throws Exception {
    return start(folder, List.of(), Map.of());
  }

  /** The same with more of kube-apiserver's flags, and in an environment. */
  public static KubeApi start(Path folder, List<String> more, Map<String, String> environment)
      throws Exception {
    return new KubeApi(folder, more, environment);
  }

  private KubeClient launch() throws Exception {
    startStore();
    keys();
    Files.writeString(folder.resolve("tokens.csv"), token + ",admin,admin,system:masters\n");
    PeerProcess starting =
        opened.add(PeerProcess.start("kube-apiserver", folder, environment, line(etcd)));
    server = starting;
    Path certificate = folder.resolve("certs/apiserver.crt");
    starting.until(
        "the API server's certificate, whole",
        () -> Files.exists(certificate) && Files.readString(certificate).contains("-----END"),
        there -> there);
    KubeClient to =
        opened.add(new KubeClient(port, token, Pem.certificates(Files.readString(certificate))));
    starting.until("the API server is ready", to::isReady, ready -> ready);
    Files.writeString(kubeconfig(), configuration());
    return to;
  }

  private void startStore() throws IOException {
    store =
        opened.add(
            PeerProcess.start(
                "etcd",
                folder,
                Map.of(),
                List.of(
                    "etcd",
                    "--data-dir=etcd",
                    "--listen-client-urls=" + etcd,
                    "--advertise-client-urls=" + etcd,
                    "--listen-peer-urls=" + peer,
                    "--initial-advertise-peer-urls=" + peer,
                    "--initial-cluster=default=" + peer,
                    "--unsafe-no-fsync")));
  }

  private List<String> line(String etcd) {
    var line = new ArrayList<>(more);
    line.addFirst(Tool.peer("kube-apiserver").toString());
    line.addAll(
        List.of(
            "--etcd-servers=" + etcd,
            "--cert-dir=certs",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--secure-port=" + port,
            "--service-account-issuer=" + ISSUER,
            "--service-account-key-file=account.pub",
            "--service-account-signing-key-file=account.key",
            "--api-audiences=" + ISSUER + ",istio-ca",
            "--token-auth-file=tokens.csv",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=" + SERVICES,
            // endpoints of this very server, which may not be loopback's
            "--endpoint-reconciler-type=none"));
    return line;
  }

  /** With what ServiceAccount tokens are signed. */
  private void keys() throws Exception {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    Files.writeString(folder.resolve("account.key"), Pem.ofPrivateKey(pair.getPrivate()));
    Files.writeString(
        folder.resolve("account.pub"),
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(pair.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
  }

  private String configuration() throws IOException {
    return """
    apiVersion: v1
    kind: Config
    clusters: [{name: it, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}]
    users: [{name: admin, user: {token: "%s"}}]
    contexts: [{name: it, context: {cluster: it, user: admin}}]
    current-context: it
    """
        .formatted(port, folder.resolve("certs/apiserver.crt").toRealPath(), token);
  }

  /** Ends the API server; what is stored stays. */
  public void stopServer() {
    if (server != null) {
      server.close();
    }
  }

  /** Starts the API server again, at the same port and with what is stored. */
  public void startServer() throws Exception {
    PeerProcess starting =
        opened.add(PeerProcess.start("kube-apiserver", folder, environment, line(etcd)));
    server = starting;
    starting.until("the API server is ready", client::isReady, ready -> ready);
  }

  /** A copy of all that is stored now, for {@link #restore}; nothing runs meanwhile. */
  public Path backup() throws Exception {
    Path copy = Files.createTempDirectory(folder, "backup-").resolve("etcd");
    replaceStore(() -> Tool.run(Map.of(), List.of("cp", "-r", data(), copy.toString())).well());
    return copy;
  }

  /** Puts a backup in the place of all that is stored: what came after it has never been. */
  public void restore(Path backup) throws Exception {
    replaceStore(
        () -> {
          Tool.run(Map.of(), List.of("rm", "-r", data())).well();
          Tool.run(Map.of(), List.of("cp", "-r", backup.toString(), data())).well();
        });
  }

  /** Forgets all that is stored: the API server begins as a new one, with its keys and users. */
  public void wipe() throws Exception {
    replaceStore(() -> Tool.run(Map.of(), List.of("rm", "-r", data())).well());
  }

  private String data() {
    return folder.resolve("etcd").toString();
  }

  private void replaceStore(Runnable work) throws Exception {
    stopServer();
    if (store != null) {
      store.close();
    }
    work.run();
    startStore();
    startServer();
  }

  /** Forgets all history: whoever watches from an earlier version is told that it is gone. */
  public void compact() throws IOException, InterruptedException {
    String put =
        post("/v3/kv/put", "{\"key\": \"L2l0\", \"value\": \"L2l0\"}").replaceAll("\\s", "");
    var revision = Pattern.compile("\"revision\":\"([0-9]+)\"").matcher(put);
    assertThat(revision.find()).as("etcd says its revision in %s", put).isTrue();
    post(
        "/v3/kv/compaction",
        "{\"revision\": \"%s\", \"physical\": true}".formatted(revision.group(1)));
  }

  private String post(String path, String body) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(etcd + path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(200);
    return answer.body();
  }

  /** Where it listens on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The certificate by which it is known, PEM. */
  public Path certificate() {
    return folder.resolve("certs/apiserver.crt");
  }

  /** The bearer token of a user who may do everything. */
  public String adminToken() {
    return token;
  }

  /** For {@code kubectl}, {@code istioctl} and istiod; its user may do everything. */
  public Path kubeconfig() {
    return folder.resolve("kubeconfig");
  }

  /** What reads and writes its objects. */
  public KubeClient client() {
    return client;
  }

  @Override
  public void close() {
    http.shutdownNow();
    opened.close();
  }
}
