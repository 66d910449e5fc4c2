package io.selvage.doctor.cloud;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON over HTTP, without redirects: what carries a token goes nowhere else. */
final class Http implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration LIMIT = Duration.ofSeconds(8);

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /** An answer of any status. */
  record Answer(URI from, int status, String body) {
    /**
     * What it says.
     *
     * @throws IOException when it is no success, with its own message
     */
    JsonNode well() throws IOException {
      JsonNode json = json();
      if (status / 100 != 2) {
        String said =
            json.at("/error/message")
                .asString(json.path("error_description").asString(json.path("error").asString("")));
        throw new IOException(
            "%s answers with status %d%s"
                .formatted(from.getHost(), status, said.isEmpty() ? "" : ": " + said));
      }
      return json;
    }

    private JsonNode json() throws IOException {
      try {
        return JsonMapper.shared().readTree(body);
      } catch (JacksonException e) {
        throw new IOException(
            "%s answers with status %d and no JSON".formatted(from.getHost(), status), e);
      }
    }
  }

  Answer get(URI at, Map<String, String> headers) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(at).GET(), headers);
  }

  Answer post(URI at, Map<String, String> headers, JsonNode body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(at)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString())),
        headers);
  }

  Answer form(URI at, String body) throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(at)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(body)),
        Map.of());
  }

  private Answer send(HttpRequest.Builder request, Map<String, String> headers)
      throws IOException, InterruptedException {
    headers.forEach(request::header);
    HttpRequest made = request.timeout(LIMIT).build();
    HttpResponse<String> response = client.send(made, HttpResponse.BodyHandlers.ofString());
    return new Answer(made.uri(), response.statusCode(), response.body());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
