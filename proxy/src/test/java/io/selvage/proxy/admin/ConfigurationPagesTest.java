package io.selvage.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.proxy.TestMesh;
import io.selvage.proxy.WorkloadProxy;
import io.selvage.xds.resource.TlsSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The pages of Envoy's admin endpoint about one workload. */
class ConfigurationPagesTest {
  private static TestMesh mesh;
  private static WorkloadProxy proxy;
  private static ProxyAdminServer admin;

  @BeforeAll
  static void start() throws Exception {
    mesh = TestMesh.start(1, TestMesh.Options.PLAIN);
    proxy = mesh.httpbin();
    admin =
        ProxyAdminServer.ofWorkload(
            proxy,
            InstantSource.system(),
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
  }

  @AfterAll
  static void stop() {
    admin.close();
    mesh.close();
  }

  private static HttpResponse<String> get(String path) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.address().getPort() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static JsonNode json(String path) throws Exception {
    return JsonMapper.shared().readTree(get(path).body());
  }

  private static List<String> parts(JsonNode dump) {
    List<String> types = new ArrayList<>();
    dump.get("configs")
        .forEach(part -> types.add(part.get("@type").asString().replaceAll(".*\\.", "")));
    return types;
  }

  @Test
  void aDumpHasThePartsThatEnvoysHas() throws Exception {
    assertThat(parts(json("/config_dump")))
        .containsExactly(
            "BootstrapConfigDump",
            "ClustersConfigDump",
            "ListenersConfigDump",
            "ScopedRoutesConfigDump",
            "RoutesConfigDump",
            "SecretsConfigDump",
            "EcdsConfigDump");
    assertThat(parts(json("/config_dump?include_eds"))).contains("EndpointsConfigDump");
  }

  @Test
  void aMaskLeavesWhatItNames() throws Exception {
    JsonNode masked = json("/config_dump?mask=static_listeners,static_clusters");
    assertThat(parts(masked)).containsExactly("ClustersConfigDump", "ListenersConfigDump");
    assertThat(masked.get("configs").get(1).get("static_listeners"))
        .hasSize(proxy.resources().listeners().size());
    assertThat(get("/config_dump?mask=everything").statusCode()).isEqualTo(400);
  }

  @Test
  void whatIsNotUnderstoodIsNotAnsweredInPart() throws Exception {
    assertThat(get("/config_dump?name_regex=x").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/config_dump?include_eds",
        "/config_dump?mask=static_secrets",
        "/certs",
        "/clusters",
        "/server_info"
      })
  void noPageHoldsThePrivateKey(String path) throws Exception {
    var held = proxy.keyMaterial().current().certificate(TlsSettings.WORKLOAD_CERTIFICATE);
    String key = Objects.requireNonNull(held).privateKeyPem();
    String inside = key.replaceAll("-----[^-]*-----|\\s", "").substring(40, 80);
    String encoded =
        Base64.getEncoder()
            .encodeToString(key.getBytes(StandardCharsets.US_ASCII))
            .substring(80, 120);
    var answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).doesNotContain("PRIVATE KEY").doesNotContain(inside);
    assertThat(answer.body()).doesNotContain(encoded);
  }

  @Test
  void theSecretsThatAreHeldAreNamedWithTheirChains() throws Exception {
    JsonNode secrets =
        json("/config_dump?mask=static_secrets").get("configs").get(0).get("static_secrets");
    assertThat(secrets.get(1).get("name").asString()).isEqualTo("default");
    assertThat(
            secrets
                .get(1)
                .get("secret")
                .get("tls_certificate")
                .get("private_key")
                .get("inline_bytes")
                .asString())
        .as("[redacted], as Envoy says it")
        .isEqualTo("W3JlZGFjdGVkXQ==");
    assertThat(json("/certs").get("certificates").get(1).get("cert_chain").get(0).toString())
        .contains("spiffe://");
  }

  @Test
  void listenersAreWhereTheyAreBound() throws Exception {
    assertThat(json("/listeners?format=json").get("listener_statuses")).isNotEmpty();
    assertThat(get("/listeners").body()).contains("::127.0.0.1:");
    assertThat(get("/clusters").body()).contains("::added_via_api::false");
    assertThat(json("/server_info").get("state").asString()).isEqualTo("LIVE");
  }

  @Test
  void aBrowserThatWasLedHereUnderAnotherNameIsTurnedAway() throws Exception {
    try (var socket = new Socket(admin.address().getAddress(), admin.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              "GET /config_dump HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 403 ");
    }
  }

  @Test
  void figuresOfOtherWorkloadsAreNotHere() throws Exception {
    assertThat(get(ProxyAdminServer.METRICS).statusCode()).isEqualTo(404);
  }
}
