package io.selvage.cli.httpbin;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What httpbin answers to which path; bodies are JSON in httpbin's own shapes. */
final class Answers {

  private static final String JSON = "application/json";
  private static final int MAX_DELAY_SECONDS = 10;
  private static final int MAX_BYTES = 100 * 1024;

  private final String instance;
  private final JsonMapper json =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  Answers(String instance) {
    this.instance = instance;
  }

  /** A request as far as answers depend on it; the body is cut at 1 MiB. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one request, is never compared
  record Request(
      String method, URI uri, Map<String, List<String>> headers, String peer, byte[] body) {}

  /** Status, media type and body. */
  @SuppressWarnings("ArrayRecordComponent") // lives for one request, is never compared
  record Answer(int status, String contentType, byte[] body) {}

  String instance() {
    return instance;
  }

  Answer to(Request request) throws InterruptedException {
    String path = request.uri().getPath();
    String[] parts = path.substring(1).split("/", 2);
    String rest = parts.length > 1 ? parts[1] : "";
    return switch (parts[0]) {
      case "", "health" ->
          new Answer(200, "text/plain", "httpbin\n".getBytes(StandardCharsets.UTF_8));
      case "headers" -> json(200, Map.of("headers", headers(request)));
      case "ip" -> json(200, Map.of("origin", request.peer()));
      case "hostname" -> json(200, Map.of("hostname", instance));
      case "get" -> json(200, got(request));
      case "anything" -> json(200, anything(request));
      case "status" -> status(rest);
      case "delay" -> delay(rest, request);
      case "bytes" -> bytes(rest);
      default -> json(404, Map.of("error", "no such path: " + path));
    };
  }

  private Answer status(String rest) {
    int status = number(rest);
    return status < 200 || status > 599
        ? json(400, Map.of("error", "/status/N takes N from 200 to 599"))
        : new Answer(status, JSON, new byte[0]);
  }

  private Answer delay(String rest, Request request) throws InterruptedException {
    int seconds = number(rest);
    if (seconds < 0 || seconds > MAX_DELAY_SECONDS) {
      return json(400, Map.of("error", "/delay/N takes N from 0 to " + MAX_DELAY_SECONDS));
    }
    Thread.sleep(seconds * 1000L);
    return json(200, anything(request));
  }

  private Answer bytes(String rest) {
    int count = number(rest);
    if (count < 0 || count > MAX_BYTES) {
      return json(400, Map.of("error", "/bytes/N takes N from 0 to " + MAX_BYTES));
    }
    var bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) i; // the same for the same N, so that a client can compare
    }
    return new Answer(200, "application/octet-stream", bytes);
  }

  private static int number(String text) {
    return text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
  }

  private static Map<String, Object> got(Request request) {
    var answer = new LinkedHashMap<String, Object>();
    answer.put("args", arguments(request.uri()));
    answer.put("headers", headers(request));
    answer.put("origin", request.peer());
    answer.put("url", url(request));
    return answer;
  }

  private static Map<String, Object> anything(Request request) {
    var answer = got(request);
    answer.put("method", request.method());
    answer.put("data", new String(request.body(), StandardCharsets.UTF_8));
    return answer;
  }

  private static String url(Request request) {
    var host = request.headers().getOrDefault("Host", List.of("localhost"));
    return "http://" + host.getFirst() + request.uri();
  }

  private static Map<String, String> headers(Request request) {
    var headers = new TreeMap<String, String>();
    request.headers().forEach((name, values) -> headers.put(spelt(name), String.join(",", values)));
    return headers;
  }

  /** {@code X-Forwarded-For}, as httpbin spells names, whatever case they came in. */
  private static String spelt(String name) {
    var spelt = new StringBuilder(name.toLowerCase(Locale.ROOT));
    for (int i = 0; i < spelt.length(); i++) {
      if (i == 0 || spelt.charAt(i - 1) == '-') {
        spelt.setCharAt(i, Character.toUpperCase(spelt.charAt(i)));
      }
    }
    return spelt.toString();
  }

  private static Map<String, String> arguments(URI uri) {
    var arguments = new LinkedHashMap<String, String>();
    String query = uri.getRawQuery();
    if (query != null && !query.isEmpty()) {
      for (String pair : query.split("&", -1)) {
        String[] halves = pair.split("=", 2);
        arguments.put(decoded(halves[0]), halves.length > 1 ? decoded(halves[1]) : "");
      }
    }
    return arguments;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text; // shown as it came: this server mirrors, it does not judge
    }
  }

  private Answer json(int status, Map<String, ?> content) {
    return new Answer(
        status, JSON, (json.writeValueAsString(content) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
