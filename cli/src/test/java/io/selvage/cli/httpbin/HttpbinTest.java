package io.selvage.cli.httpbin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class HttpbinTest {

  private final HttpClient client = HttpClient.newHttpClient();
  private Httpbin httpbin;

  @BeforeEach
  void start() throws IOException {
    httpbin =
        Httpbin.start(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), "east/one");
  }

  @AfterEach
  void stop() {
    httpbin.close();
    client.close();
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    var uri = URI.create("http://127.0.0.1:" + httpbin.address().getPort() + path);
    return client.send(
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .header("X-Mine", "yes")
            .build(),
        BodyHandlers.ofString());
  }

  private static Map<?, ?> json(HttpResponse<String> response) {
    return JsonMapper.shared().readValue(response.body(), Map.class);
  }

  @Test
  void headersComeBack() throws Exception {
    var response = send("GET", "/headers", "");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat((Map<?, ?>) json(response).get("headers")).extracting("X-Mine").isEqualTo("yes");
  }

  @Test
  void theAnswerNamesItsInstance() throws Exception {
    var response = send("GET", "/ip", "");
    assertThat(response.headers().firstValue("x-served-by")).hasValue("east/one");
    assertThat(json(response).get("origin")).isEqualTo("127.0.0.1");
  }

  @Test
  void anythingMirrorsMethodQueryAndBody() throws Exception {
    var mirrored = json(send("PUT", "/anything/else?a=1&b=%20", "text"));
    assertThat(mirrored.get("method")).isEqualTo("PUT");
    assertThat(mirrored.get("data")).isEqualTo("text");
    assertThat((Map<?, ?>) mirrored.get("args")).extracting("a", "b").containsExactly("1", " ");
    assertThat(String.valueOf(mirrored.get("url"))).endsWith("/anything/else?a=1&b=%20");
  }

  @ParameterizedTest
  @CsvSource({
    "/status/418,418",
    "/status/204,204",
    "/status/99,400",
    "/status/x,400",
    "/delay/0,200",
    "/delay/11,400",
    "/bytes/9999999,400",
    "/nothing,404",
    "/,200"
  })
  void aPathDecidesTheStatus(String path, int status) throws Exception {
    assertThat(send("GET", path, "").statusCode()).isEqualTo(status);
  }

  @Test
  void bytesAreAsManyAsAsked() throws Exception {
    assertThat(send("GET", "/bytes/1000", "").headers().firstValueAsLong("content-length"))
        .hasValue(1000);
  }

  @Test
  void headGivesHeadersAlone() throws Exception {
    var response = send("HEAD", "/headers", "");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
  }
}
