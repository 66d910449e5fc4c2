package io.selvage.control.kubernetes.inject;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prometheus' annotations, moved so that it scrapes the sidecar, which tells the application's
 * figures with its own: the application's port may refuse a scraper without a certificate.
 */
final class MetricsMerging {
  static final String VARIABLE = "ISTIO_PROMETHEUS_ANNOTATIONS";

  private static final Set<String> NAMES =
      Set.of("prometheus_io_scrape", "prometheus_io_port", "prometheus_io_path");
  private static final String TARGETS = "prometheus_istio_io_scrape_targets";

  private MetricsMerging() {}

  /** What was asked, or why it can't be had. */
  record Outcome(Optional<ObjectNode> application, Optional<String> refused) {}

  /**
   * Rewrites the annotations in place; what the sidecar has to ask the application, if anything.
   */
  static Outcome of(ObjectNode pod, int statusPort) {
    ObjectNode annotations = PodJson.objectAt(PodJson.objectAt(pod, "metadata"), "annotations");
    Map<String, String> asked = new TreeMap<>();
    for (Map.Entry<String, String> annotation : PodJson.annotations(pod).entrySet()) {
      String name = annotation.getKey().replaceAll("[^a-zA-Z0-9_]", "_");
      if (name.equals(TARGETS)) {
        return refused(annotation.getKey() + ": only prometheus.io/port can be merged");
      }
      if (NAMES.contains(name)) {
        asked.put(name.substring(name.lastIndexOf('_') + 1), annotation.getValue());
      }
    }
    if (asked.getOrDefault("scrape", "true").equalsIgnoreCase("false")) {
      return new Outcome(Optional.empty(), Optional.empty());
    }
    String port = asked.getOrDefault("port", "");
    if (port.equals(Integer.toString(statusPort))) {
      return new Outcome(Optional.empty(), Optional.empty()); // merged already
    }
    Optional<String> wrong = wrong(port);
    if (wrong.isPresent()) {
      return refused(wrong.get());
    }
    PodJson.annotations(pod).keySet().stream()
        .filter(name -> NAMES.contains(name.replaceAll("[^a-zA-Z0-9_]", "_")))
        .forEach(annotations::remove);
    annotations.put("prometheus.io/scrape", "true");
    annotations.put("prometheus.io/port", Integer.toString(statusPort));
    annotations.put("prometheus.io/path", "/stats/prometheus");
    if (asked.isEmpty()) {
      return new Outcome(Optional.empty(), Optional.empty());
    }
    ObjectNode application = PodJson.object();
    asked.forEach(application::put);
    return new Outcome(Optional.of(application), Optional.empty());
  }

  private static Optional<String> wrong(String port) {
    if (port.isEmpty()) {
      return Optional.empty();
    }
    try {
      int number = AnnotationReader.numberOf(port, 1, 65_535);
      return number >= 15_000 && number < 15_100
          ? Optional.of("annotation prometheus.io/port: " + port + " is one of the sidecar's ports")
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of("annotation prometheus.io/port: " + e.getMessage());
    }
  }

  private static Outcome refused(String why) {
    return new Outcome(Optional.empty(), Optional.of(why));
  }
}
