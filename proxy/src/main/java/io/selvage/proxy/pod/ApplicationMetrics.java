package io.selvage.proxy.pod;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The application's figures, which the sidecar tells with its own. */
final class ApplicationMetrics {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationMetrics.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int LONGEST = 16 << 20;
  private static final String TEXT = "text/plain;version=0.0.4";

  private final ApplicationClient client;
  private final Prober.Http where;

  private ApplicationMetrics(ApplicationClient client, Prober.Http where) {
    this.client = client;
    this.where = where;
  }

  /**
   * By what injection kept of the Pod's annotations ({@code ISTIO_PROMETHEUS_ANNOTATIONS}).
   *
   * @throws IllegalArgumentException when it isn't what injection writes
   */
  static Optional<ApplicationMetrics> of(ApplicationClient client, String json) {
    JsonNode asked;
    try {
      asked = JsonMapper.shared().readTree(json);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
    }
    if (asked.path("scrape").asString("true").equalsIgnoreCase("false")) {
      return Optional.empty();
    }
    String port = asked.path("port").asString("80");
    if (!port.matches("[0-9]{1,5}")) {
      throw new IllegalArgumentException("'" + port + "' is no port");
    }
    String path = asked.path("path").asString("/metrics");
    return Optional.of(
        new ApplicationMetrics(
            client,
            new Prober.Http(
                Integer.parseInt(port), TIMEOUT, false, path.startsWith("/") ? path : "/" + path)));
  }

  /** In Prometheus' text format; empty when the application does not answer in it. */
  String read() {
    try {
      ApplicationClient.Reply reply =
          client
              .get(where, Map.of("Accept", TEXT, "Host", "localhost:" + where.port()), LONGEST)
              .join();
      if (reply.status() == 200
          && reply.type().startsWith("text/")
          && reply.body().length() < LONGEST) {
        return reply.body();
      }
      LOG.warn(
          "SLV7248 the application's figures at port {} are left out: {} {}",
          where.port(),
          reply.status(),
          reply.type());
    } catch (CompletionException e) {
      LOG.warn(
          "SLV7248 the application's figures at port {} are left out: {}",
          where.port(),
          String.valueOf(e.getCause()));
    }
    return "";
  }
}
