package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import io.selvage.proxy.transport.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MutualTlsPathTest {
  private static final Authorization DENY_ALL =
      new Authorization(
          List.of(
              new Authorization.Stage.Rbac(
                  Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                  Optional.empty())));

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private HttpServer backend;

  @BeforeEach
  void startBackend() throws IOException {
    backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    backend.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          StringBuilder text = new StringBuilder();
          text.append(exchange.getRequestMethod()).append(' ').append(exchange.getRequestURI());
          exchange
              .getRequestHeaders()
              .forEach((name, values) -> text.append('\n').append(name).append('=').append(values));
          text.append("\nbody=").append(new String(body, StandardCharsets.UTF_8));
          byte[] answer = text.toString().getBytes(StandardCharsets.UTF_8);
          boolean chunked = exchange.getRequestURI().getPath().startsWith("/chunked");
          exchange.sendResponseHeaders(200, chunked ? 0 : answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    backend.start();
  }

  @AfterEach
  void stopBackend() {
    backend.stop(0);
    client.close();
  }

  private HttpResponse<String> get(TestMesh mesh, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://" + address(mesh.entry()) + path))
            .timeout(Duration.ofSeconds(10))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String address(InetSocketAddress address) {
    return "127.0.0.1:" + address.getPort();
  }

  private TestMesh mesh(TestMesh.Options options) throws Exception {
    return TestMesh.start(backend.getAddress().getPort(), options);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void carriesARequestAndTellsTheApplicationWhoAsked(Transport transport) throws Exception {
    try (TestMesh mesh =
        TestMesh.start(transport, backend.getAddress().getPort(), TestMesh.Options.PLAIN)) {
      HttpResponse<String> answer = get(mesh, "/headers?a=b");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body())
          .startsWith("GET /headers?a=b")
          .contains("By=" + TestMesh.HTTPBIN + ";Hash=")
          .contains("URI=" + TestMesh.SLEEP)
          .containsIgnoringCase("x-request-id=[")
          .containsIgnoringCase("x-forwarded-proto=[http]");
      assertThat(answer.headers().firstValue("server")).contains("istio-envoy");
      for (int i = 0; i < 20; i++) {
        assertThat(get(mesh, "/again" + i).statusCode()).isEqualTo(200);
      }
    }
  }

  @Test
  void carriesBodiesBothWays() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN)) {
      String large = "x".repeat(1_000_000);
      for (HttpRequest.BodyPublisher publisher :
          List.of(
              HttpRequest.BodyPublishers.ofString(large),
              HttpRequest.BodyPublishers.ofInputStream(
                  () ->
                      new java.io.ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))) {
        HttpResponse<String> answer =
            client.send(
                HttpRequest.newBuilder(URI.create("http://" + address(mesh.entry()) + "/chunked"))
                    .POST(publisher)
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).endsWith("body=" + large);
      }
    }
  }

  @Test
  void deniesWithEnvoysWordsAndTheRequestId() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.with(DENY_ALL))) {
      HttpResponse<String> answer = get(mesh, "/");

      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(answer.body()).isEqualTo("RBAC: access denied");
      String id = answer.headers().firstValue("x-request-id").orElseThrow();
      assertThat(mesh.engine().denials().find(id))
          .get()
          .satisfies(
              denial -> {
                assertThat(denial.sourcePrincipal()).isEqualTo(TestMesh.SLEEP);
                assertThat(denial.details()).isEqualTo("rbac_access_denied_matched_policy[none]");
              });
    }
  }

  @Test
  void appliesANewPolicyToTheNextRequestOfAnOpenConnection() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN)) {
      assertThat(get(mesh, "/").statusCode()).isEqualTo(200);
      mesh.apply(TestMesh.Options.PLAIN.with(DENY_ALL));
      assertThat(get(mesh, "/").statusCode()).isEqualTo(403);
      mesh.apply(TestMesh.Options.PLAIN);
      assertThat(get(mesh, "/").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void resetsPlaintextWhereOnlyMutualTlsIsAccepted() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        Socket socket =
            new Socket(InetAddress.getLoopbackAddress(), mesh.inboundAddress().getPort())) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      assertThatThrownBy(in::read)
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("Connection reset");
    }
  }

  @Test
  void takesPlaintextWherePermittedAndBelievesNoForgedCertificateHeader() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN.permissive())) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + address(mesh.inboundAddress()) + "/"))
                  .header("x-forwarded-client-cert", "By=me;URI=" + TestMesh.SLEEP)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).doesNotContainIgnoringCase("x-forwarded-client-cert");
    }
  }

  @Test
  void rotatesCertificatesWithoutDroppingConnections() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN)) {
      String before = get(mesh, "/").body();
      mesh.identify(mesh.sleep(), TestMesh.SLEEP);
      mesh.identify(mesh.httpbin(), TestMesh.HTTPBIN);
      assertThat(get(mesh, "/").statusCode()).isEqualTo(200);
      assertThat(before).contains("Hash=");
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    try (TestMesh mesh = mesh(TestMesh.Options.PLAIN);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), mesh.entry().getPort())) {
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < 10; i++) {
        requests.append("GET /p").append(i).append(" HTTP/1.1\r\nhost: a\r\n");
        requests.append(i == 9 ? "connection: close\r\n\r\n" : "\r\n");
      }
      socket.getOutputStream().write(requests.toString().getBytes(StandardCharsets.US_ASCII));
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      for (int i = 0; i < 10; i++) {
        int at = all.indexOf("GET /p" + i);
        assertThat(at).isPositive();
        all = all.substring(at);
      }
    }
  }

  @Test
  void answers503WhenTheApplicationIsNotThere() throws Exception {
    int port = backend.getAddress().getPort();
    backend.stop(0);
    try (TestMesh mesh = TestMesh.start(port, TestMesh.Options.PLAIN)) {
      HttpResponse<String> answer = get(mesh, "/");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body())
          .startsWith("upstream connect error or disconnect/reset before headers. reset reason: ");
    }
  }
}
