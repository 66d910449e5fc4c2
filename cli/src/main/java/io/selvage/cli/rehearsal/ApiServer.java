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
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Kubernetes API of a few objects, on loopback and over TLS as all of them: what the doctor
 * rehearses on. Lists are answered with what is there, reviews of rights with yes, and all else
 * with 404.
 */
public final class ApiServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private static final String NAME = "localhost";
  private static final Duration LIFETIME = Duration.ofHours(1);

  private final HttpsServer server;
  private final String roots;
  private final ScratchFolder folder;
  private final JsonNode objects;

  private ApiServer(HttpsServer server, String roots, ScratchFolder folder, JsonNode objects) {
    this.server = server;
    this.roots = roots;
    this.folder = folder;
    this.objects = objects;
  }

  /** Starts it. */
  public static ApiServer start(InstantSource clock, SecureRandom random) throws IOException {
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
              server,
              TrustBundle.of(authority.root()).pem(),
              ScratchFolder.create(),
              JSON.readTree(ScratchFolder.resource("cluster.json")));
      api.server.createContext("/", api::answer);
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
