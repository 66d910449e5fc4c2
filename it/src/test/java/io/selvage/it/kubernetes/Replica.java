package io.selvage.it.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.selvage.ca.roots.CertificateAuthorityService;
import io.selvage.control.ControlPlane;
import io.selvage.control.kubernetes.KubernetesMesh;
import io.selvage.control.kubernetes.KubernetesMesh.TokenCheck;
import io.selvage.control.kubernetes.Readiness;
import io.selvage.control.kubernetes.inject.InjectionChoices;
import io.selvage.control.kubernetes.lease.Leadership;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.Until;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One replica of our control plane and CA for a {@link Cluster}, with quick elections. */
final class Replica implements AutoCloseable {
  static final String CLUSTER = "Kubernetes";
  static final String SERVER_NAME = "istiod.istio-system.svc";

  private static final Leadership.Times TIMES =
      new Leadership.Times(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(300));

  private final Opened opened = new Opened();
  private final HttpClient http = opened.add(HttpClient.newHttpClient());
  private final Readiness readiness;
  private final KubernetesMesh mesh;
  private final CompletableFuture<Optional<Integer>> port = new CompletableFuture<>();

  private Replica(
      String cluster, String name, KubernetesClient client, TokenCheck tokens, InstantSource clock)
      throws IOException {
    var free = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    this.readiness = opened.add(Readiness.serve(free, "its start"));
    this.mesh =
        opened.add(
            new KubernetesMesh(
                client,
                new KubernetesMesh.Settings(
                    cluster,
                    Cluster.ROOT,
                    free,
                    free,
                    tokens,
                    name,
                    InjectionChoices.of("localhost/selvage:it"),
                    TIMES,
                    Duration.ofMillis(200)),
                (address, timeout) -> {
                  throw new IOException("there is no network");
                },
                readiness,
                clock,
                new SecureRandom()));
    Thread.ofPlatform()
        .name("replica-" + name)
        .start(
            () -> {
              try {
                port.complete(mesh.run());
              } catch (Exception e) {
                port.completeExceptionally(e);
              }
            });
  }

  /** Begins; it may not get ready. */
  static Replica begin(String name, KubernetesClient client, TokenCheck tokens) throws IOException {
    return new Replica(CLUSTER, name, client, tokens, InstantSource.system());
  }

  /** Begins as the only one of a cluster with that id, and waits until it is ready. */
  static Replica of(String cluster, KubernetesClient client) throws Exception {
    Replica replica =
        new Replica(cluster, cluster + "-1", client, TokenCheck.JWKS, InstantSource.system());
    try {
      replica.awaitReady();
      return replica;
    } catch (Throwable e) {
      replica.close();
      throw e;
    }
  }

  /** Begins and waits until it is ready. */
  static Replica start(String name, KubernetesClient client, TokenCheck tokens) throws Exception {
    Replica replica = begin(name, client, tokens);
    try {
      replica.awaitReady();
      return replica;
    } catch (Throwable e) {
      replica.close();
      throw e;
    }
  }

  /** Begins with a clock of its own and waits until it is ready. */
  static Replica start(String name, KubernetesClient client, InstantSource clock) throws Exception {
    Replica replica = new Replica(CLUSTER, name, client, TokenCheck.JWKS, clock);
    try {
      replica.awaitReady();
      return replica;
    } catch (Throwable e) {
      replica.close();
      throw e;
    }
  }

  void awaitReady() throws Exception {
    Until.seen("the control plane is ready", this::readiness, "200 ready\n"::equals);
  }

  /** Status and text of the readiness endpoint. */
  String readiness() throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + readiness.port() + "/ready");
    var answer =
        http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    return answer.statusCode() + " " + answer.body();
  }

  /** Where it says whether it is ready. */
  int readinessPort() {
    return readiness.port();
  }

  /** Of CA and ADS; it must be ready. */
  int port() throws Exception {
    return port.get().orElseThrow();
  }

  /** Of its webhooks; it must be ready. */
  int webhookPort() {
    return mesh.webhookPort().orElseThrow();
  }

  CertificateAuthorityService authority() {
    return mesh.authority().orElseThrow();
  }

  ControlPlane plane() {
    return mesh.plane().orElseThrow();
  }

  /** The roots that it signs by, PEM. */
  String roots() {
    return mesh.authority().orElseThrow().bundle().pem();
  }

  /** What its leaves are signed by. */
  X509Certificate issuer() {
    return mesh.authority().orElseThrow().rotation().signing().issuer();
  }

  boolean leads() {
    return mesh.leads();
  }

  @Override
  public void close() {
    opened.close();
  }
}
