package io.selvage.doctor.kubernetes;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An API server of canned answers; what it has none for is 404. It may do and show everything else.
 */
final class FakeApi implements ClusterApi {
  static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<String, List<String>> pages = new HashMap<>();
  private final Map<String, String> refused = new HashMap<>();
  private final Map<String, Integer> tunnels = new HashMap<>();
  private Predicate<JsonNode> denied = _ -> false;
  private boolean away;

  /** Every path that was read, with its query. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  FakeApi() {
    body("/version", "{\"gitVersion\": \"v1.36.3\"}");
  }

  /** Answers a path (without query) with a text. */
  FakeApi body(String path, String body) {
    pages.put(path, List.of(body));
    return this;
  }

  /** Answers a list's path with pages of items. */
  FakeApi list(String path, String... pagesOfItems) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < pagesOfItems.length; i++) {
      String more = i + 1 < pagesOfItems.length ? "page-" + (i + 1) : "";
      all.add(
          "{\"metadata\": {\"continue\": \"%s\"}, \"items\": [%s]}"
              .formatted(more, pagesOfItems[i]));
    }
    pages.put(path, all);
    return this;
  }

  FakeApi refuse(String path) {
    refused.put(path, "{\"message\": \"forbidden: User cannot list\"}");
    return this;
  }

  /** What reviews deny. */
  FakeApi deny(Predicate<JsonNode> attributes) {
    denied = attributes;
    return this;
  }

  /** It does not answer any more. */
  FakeApi away() {
    away = true;
    return this;
  }

  /** Leads to a port of this machine. */
  FakeApi tunnelTo(String pod, int port, int local) {
    tunnels.put(pod + ":" + port, local);
    return this;
  }

  @Override
  public String context() {
    return "east";
  }

  @Override
  public String server() {
    return "https://east.invalid";
  }

  @Override
  public Answer get(String path) throws IOException {
    if (away) {
      throw new IOException("Connection refused");
    }
    asked.add(path);
    String plain = path.replaceFirst("\\?.*", "");
    if (refused.containsKey(plain)) {
      return new Answer(403, Optional.of(NOW), refused.getOrDefault(plain, ""));
    }
    List<String> answers = pages.get(plain);
    if (answers == null) {
      return new Answer(404, Optional.of(NOW), "{\"message\": \"not found\"}");
    }
    int page =
        path.contains("continue=page-")
            ? Integer.parseInt(path.replaceFirst(".*continue=page-([0-9]+).*", "$1"))
            : 0;
    return new Answer(200, Optional.of(NOW), answers.get(page));
  }

  @Override
  public Answer post(String path, JsonNode body) throws IOException {
    if (away) {
      throw new IOException("Connection refused");
    }
    boolean allowed = !denied.test(body.at("/spec/resourceAttributes"));
    return new Answer(
        201,
        Optional.of(NOW),
        JSON.writeValueAsString(Map.of("status", Map.of("allowed", allowed, "reason", "told"))));
  }

  @Override
  public Tunnel tunnel(String namespace, String pod, int port) throws IOException {
    Integer local = tunnels.get(pod + ":" + port);
    if (local == null) {
      throw new IOException("nobody listens there");
    }
    return new Tunnel() {
      @Override
      public int port() {
        return local;
      }

      @Override
      public void close() {
        // there is nothing to close
      }
    };
  }
}
