package io.selvage.it.envoy;

import com.sun.net.httpserver.HttpServer;
import io.selvage.it.stage.FreePort;
import io.selvage.it.stage.Opened;
import io.selvage.it.stage.RunningMesh;
import io.selvage.it.stage.Until;
import io.selvage.pki.CaCredentials;
import io.selvage.pki.CaProfile;
import io.selvage.pki.CertificateAuthority;
import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import io.selvage.proxy.ProxyEngine;
import io.selvage.proxy.StaticProxy;
import io.selvage.proxy.transport.Transport;
import io.selvage.xds.bootstrap.StaticBootstrap;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executors;

/**
 * Our proxy and an Envoy by the same bootstrap but for their ports, each with a listener for
 * plaintext and one for TLS that asks for no certificate, before one application: what anybody who
 * finds an open port can send to.
 */
final class TwoListeners implements AutoCloseable {
  /** The ports of one of the two. */
  record Ports(int plaintext, int tls) {}

  private final Opened opened = new Opened();
  private final Ports ours;
  private final Ports envoys;

  private TwoListeners(Path home) throws Exception {
    int program = program();
    certificate(home);
    ours = new Ports(FreePort.find(), FreePort.find());
    envoys = new Ports(FreePort.find(), FreePort.find());
    Path forUs = home.resolve("ours.json");
    Files.writeString(forUs, bootstrap(home, ours, program));
    Path forEnvoy = home.resolve("envoy.json");
    Files.writeString(forEnvoy, bootstrap(home, envoys, program));
    opened.add(
        StaticProxy.start(
            StaticBootstrap.read(forUs),
            new ProxyEngine.Settings(Transport.EPOLL, 1, InstantSource.system())));
    EnvoyProcess envoy = opened.add(EnvoyProcess.here(home, forEnvoy));
    envoy.until("Envoy listens", () -> accepts(envoys.tls()), listens -> listens);
    Until.holds("our proxy listens", () -> accepts(ours.tls()));
  }

  /** Starts both and waits until they listen. */
  static TwoListeners start(Path home) throws Exception {
    return new TwoListeners(home);
  }

  Ports ours() {
    return ours;
  }

  Ports envoys() {
    return envoys;
  }

  private static boolean accepts(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(RunningMesh.loopback(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Reads every request to its end, and answers with a few bytes. */
  private int program() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(RunningMesh.loopback(), 0), 100);
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(threads);
    byte[] answer = "what an application says\n".getBytes(StandardCharsets.US_ASCII);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head ? -1 : answer.length);
            if (!head) {
              exchange.getResponseBody().write(answer);
            }
          }
        });
    server.start();
    opened.add(
        () -> {
          server.stop(0);
          threads.shutdownNow();
        });
    return server.getAddress().getPort();
  }

  private static void certificate(Path home) throws Exception {
    var random = new SecureRandom();
    var profile = new CaProfile.Istiod("cluster.local");
    var authority =
        new CertificateAuthority(
            CaCredentials.selfSigned(
                profile, KeyAlgorithm.ECDSA_P256, Duration.ofDays(30), Instant.now(), random),
            profile,
            CertificateAuthority.Limits.DEFAULT,
            InstantSource.system(),
            random);
    var issued =
        authority.issue(
            KeyAlgorithm.ECDSA_P256,
            SpiffeId.workload("cluster.local", "foo", "server"),
            Duration.ofHours(1));
    Files.writeString(home.resolve("chain.pem"), issued.chainPem());
    Files.writeString(home.resolve("key.pem"), issued.privateKeyPem());
  }

  private static String bootstrap(Path home, Ports ports, int program) {
    return """
    {
      "node": {"id": "open", "cluster": "open"},
      "static_resources": {
        "secrets": [{"name": "server", "tls_certificate": {
          "certificate_chain": {"filename": "%1$s/chain.pem"}, "private_key": {"filename": "%1$s/key.pem"}}}],
        "listeners": [
          {"name": "plaintext", "traffic_direction": "INBOUND",
           "address": {"socket_address": {"address": "127.0.0.1", "port_value": %2$d}},
           "filter_chains": [{"filters": [%5$s]}]},
          {"name": "tls", "traffic_direction": "INBOUND",
           "address": {"socket_address": {"address": "127.0.0.1", "port_value": %3$d}},
           "filter_chains": [{"filters": [%5$s],
             "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": {
               "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
               "common_tls_context": {
                 "alpn_protocols": ["h2", "http/1.1"],
                 "tls_params": {
                   "tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3",
                   "cipher_suites": ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
                     "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
                     "AES256-GCM-SHA384", "AES128-GCM-SHA256"]},
                 "tls_certificate_sds_secret_configs": [{"name": "server"}]}}}}]}],
        "clusters": [{
          "name": "program", "type": "STATIC", "connect_timeout": "5s",
          "load_assignment": {"cluster_name": "program", "endpoints": [{"lb_endpoints": [
            {"endpoint": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": %4$d}}}}]}]},
          "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              "explicit_http_config": {"http_protocol_options": {}}}}
        }]
      }
    }
    """
        .formatted(home, ports.plaintext(), ports.tls(), program, HTTP);
  }

  private static final String HTTP =
      """
      {"name": "envoy.filters.network.http_connection_manager",
       "typed_config": {
         "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
         "stat_prefix": "open",
         "normalize_path": true,
         "server_name": "istio-envoy",
         "route_config": {"name": "all", "virtual_hosts": [{
           "name": "all", "domains": ["*"],
           "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "program", "timeout": "0s"}}]}]},
         "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
           "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}}\
      """;

  @Override
  public void close() {
    opened.close();
  }
}
