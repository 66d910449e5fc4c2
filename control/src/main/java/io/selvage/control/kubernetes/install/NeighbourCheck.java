package io.selvage.control.kubernetes.install;

import io.selvage.control.kubernetes.Readiness;
import io.selvage.control.kubernetes.remote.RemoteClusters;
import java.io.Closeable;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Whether a cluster's control plane reads the clusters that it was told about, by its own word: a
 * Secret may be there, and the API server that it names out of its reach all the same.
 */
public final class NeighbourCheck {
  private static final Duration STEP = Duration.ofMillis(300);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  private final IssuanceTrial.Reach reach;
  private final Duration patience;

  /**
   * A check.
   *
   * @param reach to the port of the control plane's readiness
   * @param patience how long a control plane may take to read its neighbours
   */
  public NeighbourCheck(IssuanceTrial.Reach reach, Duration patience) {
    this.reach = reach;
    this.patience = patience;
  }

  /** Looks until all of {@code others}, by their ids, are read. */
  public Check check(List<String> others) throws InterruptedException {
    try {
      IssuanceTrial.Way way = reach.open();
      try (Closeable _ = way.end();
          HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
        return check(http, way.port(), others);
      }
    } catch (IOException e) {
      return Check.unknown("the other clusters: the control plane is not asked: " + e.getMessage());
    }
  }

  private Check check(HttpClient http, int port, List<String> others)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      Map<String, String> standing = standing(http, port);
      List<String> amiss =
          others.stream()
              .filter(id -> !RemoteClusters.JOINED.equals(standing.get(id)))
              .map(id -> "%s (%s)".formatted(id, standing.getOrDefault(id, "no Secret names it")))
              .toList();
      if (amiss.isEmpty()) {
        return Check.passed("reads %s".formatted(String.join(", ", others)));
      }
      if (System.nanoTime() >= end) {
        return Check.failed("does not read " + String.join(", ", amiss));
      }
      TimeUnit.NANOSECONDS.sleep(STEP.toNanos());
    }
  }

  private static Map<String, String> standing(HttpClient http, int port)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port + Readiness.CLUSTERS);
    var answer =
        http.send(HttpRequest.newBuilder(uri).timeout(ANSWER).build(), BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("it answered with status " + answer.statusCode());
    }
    Map<String, String> standing = new TreeMap<>();
    for (String line : answer.body().lines().toList()) {
      int space = line.indexOf(' ');
      if (space > 0) {
        standing.put(line.substring(0, space), line.substring(space + 1));
      }
    }
    return standing;
  }
}
