package io.selvage.ca.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JwksFetchTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private final JwksFetch fetch = new JwksFetch(client, Duration.ofSeconds(10));
  private HttpServer server;
  private String path = "/";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Thread::startVirtualThread);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    client.close();
  }

  @Test
  void readsADocumentOfThisMachine() throws IOException {
    answer(200, "{\"keys\":[]}".getBytes(StandardCharsets.UTF_8));

    assertThat(fetch.get(address())).asString(StandardCharsets.UTF_8).isEqualTo("{\"keys\":[]}");
  }

  @Test
  void readsNoMoreThanItsLimit() {
    answer(200, new byte[JwksFetch.MAX_BYTES + 1]);

    assertThatThrownBy(() -> fetch.get(address()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("longer than");
  }

  @Test
  void doesNotWaitForABodyThatNeverEnds() {
    CountDownLatch done = new CountDownLatch(1);
    path = "/slow";
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          try {
            done.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });

    try {
      assertThatThrownBy(() -> new JwksFetch(client, Duration.ofMillis(100)).get(address()))
          .isInstanceOf(IOException.class);
    } finally {
      done.countDown();
    }
  }

  @Test
  void followsNoRedirectAndTakesNoErrorPage() {
    for (int status : new int[] {302, 404, 503}) {
      answer(status, new byte[] {'{', '}'});
      assertThatThrownBy(() -> fetch.get(address())).hasMessage("status " + status);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254/latest",
        "http://kubernetes.default.svc/keys",
        "file:///etc/passwd",
        "ftp://localhost/x"
      })
  void fetchesNothingInTheClearFromOthers(String address) {
    assertThatThrownBy(() -> fetch.get(URI.create(address)))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("only https is fetched.*|the address has no host");
  }

  private void answer(int status, byte[] body) {
    server.createContext(
        "/keys-" + status,
        exchange -> {
          exchange.getResponseHeaders().add("location", "/elsewhere");
          exchange.sendResponseHeaders(status, body.length);
          try (exchange) {
            exchange.getResponseBody().write(body);
          }
        });
    path = "/keys-" + status;
  }

  private URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }
}
