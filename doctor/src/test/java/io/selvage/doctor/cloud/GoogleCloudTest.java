package io.selvage.doctor.cloud;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.selvage.doctor.cloud.CloudSource.Cluster;
import io.selvage.doctor.cloud.CloudSource.Place;
import io.selvage.doctor.evidence.Look;
import io.selvage.pki.Pem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Google's APIs, played by a server on loopback. */
final class GoogleCloudTest {
  private static final Instant NOW = Instant.parse("2026-11-27T03:00:00Z");
  private static final Place PLACE =
      new Place("shop", Optional.of(new Cluster("europe-west4", "prod")));

  @TempDir private Path home;
  private final Map<String, String> pages = new HashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> forms = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    pages.put("/token", "{\"access_token\": \"granted\"}");
    pages.put("/v1/projects/shop", "{\"projectId\": \"shop\", \"projectNumber\": \"4711\"}");
    pages.put(
        "/v1/projects/shop:getIamPolicy",
        "{\"bindings\": [{\"role\": \"roles/meshdataplane.serviceAgent\", \"members\": [\"m\"]}]}");
    pages.put(
        "/v1/projects/4711/services",
        "{\"services\": [{\"name\": \"projects/4711/services/mesh.googleapis.com\"}]}");
    pages.put(
        "/v1/projects/shop/locations/global/features/servicemesh",
        """
        {"membershipStates": {
          "projects/4711/locations/x/memberships/test": {"servicemesh": {"of": "test"}},
          "projects/4711/locations/x/memberships/prod": {"servicemesh": {"of": "prod"}}}}
        """);
    pages.put(
        "/v1/projects/shop/locations/europe-west4/clusters/prod/nodePools",
        "{\"nodePools\": [{\"name\": \"pool\"}]}");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      asked.add(exchange.getRequestMethod() + " " + path);
      if (path.equals("/token")) {
        forms.add(body);
      } else {
        authorizations.add(exchange.getRequestHeaders().getFirst("Authorization"));
      }
      String page = pages.get(path);
      byte[] bytes =
          (page == null ? "{\"error\": {\"message\": \"The caller lacks a right\"}}" : page)
              .getBytes(UTF_8);
      exchange.sendResponseHeaders(page == null ? 403 : 200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private Optional<Look<JsonNode>> look(Map<String, String> environment) {
    return new GoogleCloud(environment, home, InstantSource.fixed(NOW), _ -> url()).look(PLACE);
  }

  private Map<String, String> credentials(Map<String, String> fields) throws IOException {
    Path file = home.resolve("credentials.json");
    Files.writeString(file, JsonMapper.shared().writeValueAsString(fields));
    return Map.of("GOOGLE_APPLICATION_CREDENTIALS", file.toString());
  }

  private Map<String, String> user() throws IOException {
    return credentials(
        Map.of(
            "type", "authorized_user",
            "client_id", "id",
            "client_secret", "hush",
            "refresh_token", "again",
            "token_uri", url() + "/token"));
  }

  @Test
  void aUsersCredentialsReadTheProjectItsPolicyItsServicesItsFleetAndItsNodes() throws IOException {
    JsonNode seen = look(user()).orElseThrow().found().orElseThrow();
    assertThat(forms)
        .singleElement()
        .satisfies(
            form ->
                assertThat(form.split("&", -1))
                    .contains("grant_type=refresh_token", "refresh_token=again"));
    assertThat(authorizations).isNotEmpty().containsOnly("Bearer granted");
    assertThat(seen.path("projectNumber").asString()).isEqualTo("4711");
    assertThat(seen.at("/iamPolicy/bindings/0/members/0").asString()).isEqualTo("m");
    assertThat(seen.at("/services/0").asString()).isEqualTo("mesh.googleapis.com");
    assertThat(seen.at("/mesh/servicemesh/of").asString()).isEqualTo("prod");
    assertThat(seen.at("/nodePools/0/name").asString()).isEqualTo("pool");
    assertThat(seen.toString()).doesNotContain("granted").doesNotContain("hush");
  }

  @Test
  void nothingIsAskedForThatWrites() throws IOException {
    assertThat(look(user())).isPresent();
    assertThat(asked)
        .filteredOn(call -> !call.startsWith("GET "))
        .containsExactlyInAnyOrder("POST /token", "POST /v1/projects/shop:getIamPolicy");
  }

  @Test
  void aServiceAccountSignsForATokenThatReads() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    assertThat(
            look(credentials(
                    Map.of(
                        "type", "service_account",
                        "client_email", "doctor@shop.iam.gserviceaccount.com",
                        "private_key_id", "k1",
                        "private_key", Pem.ofPrivateKey(keys.getPrivate()),
                        "token_uri", url() + "/token")))
                .orElseThrow())
        .isInstanceOf(Look.Seen.class);
    String assertion = forms.getFirst().replaceFirst("(.*&)?assertion=([^&]*).*", "$2");
    SignedJWT signed = SignedJWT.parse(assertion);
    assertThat(signed.verify(new RSASSAVerifier((RSAPublicKey) keys.getPublic()))).isTrue();
    assertThat(signed.getHeader().getKeyID()).isEqualTo("k1");
    assertThat(signed.getJWTClaimsSet().getAudience()).containsExactly(url() + "/token");
    assertThat(signed.getJWTClaimsSet().getIssueTime().toInstant()).isEqualTo(NOW);
    assertThat(signed.getJWTClaimsSet().getStringClaim("scope")).endsWith(".read-only");
  }

  @Test
  void whatMayNotBeReadIsUnseenWithTheRightThatIsMissing() throws IOException {
    pages.remove("/v1/projects/shop:getIamPolicy");
    assertThat(look(user()).orElseThrow())
        .isEqualTo(
            new Look.Unseen<>(
                "127.0.0.1 answers with status 403: The caller lacks a right",
                Optional.of("resourcemanager.projects.getIamPolicy")));
  }

  @Test
  void theRestIsLeftOutWhereItMayNotBeRead() throws IOException {
    pages.remove("/v1/projects/4711/services");
    JsonNode seen = look(user()).orElseThrow().found().orElseThrow();
    assertThat(seen.has("services")).isFalse();
    assertThat(seen.has("iamPolicy")).isTrue();
  }

  @Test
  void aMachineOfGooglesHasATokenForWhoIsOnIt() {
    pages.put(
        "/computeMetadata/v1/instance/service-accounts/default/token",
        "{\"access_token\": \"granted\"}");
    String host = url().replaceFirst("http://", "");
    assertThat(look(Map.of("GCE_METADATA_HOST", host)).orElseThrow()).isInstanceOf(Look.Seen.class);
  }

  @Test
  void withoutCredentialsNobodyIsAsked() {
    String host = url().replaceFirst("http://", "");
    assertThat(look(Map.of("GCE_METADATA_HOST", host))).isEmpty();
    assertThat(asked).allMatch(call -> call.endsWith("/token"));
  }

  @Test
  void credentialsOfAnotherKindAreSaidToBeOfNoUse() throws IOException {
    assertThat(look(credentials(Map.of("type", "external_account"))).orElseThrow().toString())
        .contains("Unseen", "`external_account` are not used");
  }
}
