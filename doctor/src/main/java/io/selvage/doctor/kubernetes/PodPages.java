package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.kubernetes.ClusterApi.Tunnel;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * HTTP pages that Pods serve on their own loopback, read through the API server's port forwarding.
 */
final class PodPages {
  private static final int MOST_BYTES = 64 << 20;
  private static final int OK = 200;

  /** Each way is a connection to the API server, and one to a kubelet. */
  private static final int AT_A_TIME = 32;

  private final ApiReader reader;
  private final int millis;
  private final Map<String, Optional<Right>> missing = new ConcurrentHashMap<>();
  private final Semaphore free = new Semaphore(AT_A_TIME);

  /**
   * A page.
   *
   * @param date by the clock of who served it
   */
  record Page(String body, Optional<Instant> date) {}

  /** What is done at the end of a way. */
  @FunctionalInterface
  interface Use<T> {
    T at(int localPort) throws IOException;
  }

  PodPages(ApiReader reader, Duration limit) {
    this.reader = reader;
    this.millis = Math.toIntExact(limit.toMillis());
  }

  /** A page; unseen unless it is answered with 200. */
  Look<Page> page(String namespace, String pod, int port, String path) {
    return pages(namespace, pod, port, List.of(path)).getFirst();
  }

  /** Several pages over one connection, each unseen unless it is answered with 200. */
  List<Look<Page>> pages(String namespace, String pod, int port, List<String> paths) {
    Look<List<Look<Page>>> read =
        through(
            namespace,
            pod,
            port,
            local -> {
              List<Look<Page>> pages = new ArrayList<>();
              while (pages.size() < paths.size()) {
                boolean isLast = pages.size() == paths.size() - 1;
                try {
                  pages.add(Look.seen(fetched(local, paths.get(pages.size()), isLast)));
                } catch (SocketTimeoutException e) {
                  Look<Page> hangs = unseen(namespace, pod, port, e);
                  pages.addAll(Collections.nCopies(paths.size() - pages.size(), hangs));
                } catch (IOException e) {
                  pages.add(unseen(namespace, pod, port, e));
                }
              }
              return pages;
            });
    return switch (read) {
      case Look.Seen<List<Look<Page>>>(List<Look<Page>> pages) -> pages;
      case Look.Unseen<List<Look<Page>>>(String why, Optional<String> lacks) ->
          paths.stream().<Look<Page>>map(_ -> new Look.Unseen<>(why, lacks)).toList();
    };
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> Look<T> read(String namespace, String pod, int port, Reading<T> reading) {
    try {
      return Look.seen(reading.read());
    } catch (IOException e) {
      return unseen(namespace, pod, port, e);
    }
  }

  private static <T> Look<T> unseen(String namespace, String pod, int port, IOException why) {
    return Look.unseen(
        "port %d of Pod %s/%s: %s".formatted(port, namespace, pod, ApiReader.message(why)));
  }

  /** What comes of using a way to a Pod's port. */
  <T> Look<T> through(String namespace, String pod, int port, Use<T> use) {
    Optional<Right> lacks = missing(namespace);
    if (lacks.isPresent()) {
      return new Look.Unseen<>(
          "port %d of Pod %s/%s: we may not forward ports".formatted(port, namespace, pod),
          lacks.map(Right::toString));
    }
    free.acquireUninterruptibly();
    try {
      return read(
          namespace,
          pod,
          port,
          () -> {
            try (Tunnel tunnel = reader.api().tunnel(namespace, pod, port)) {
              return use.at(tunnel.port());
            }
          });
    } finally {
      free.release();
    }
  }

  /**
   * Port forwarding over a WebSocket is a GET for some versions of Kubernetes, and a creation for
   * others too.
   */
  private Optional<Right> missing(String namespace) {
    Optional<Right> everywhere = missing.computeIfAbsent("", this::asked);
    return everywhere.isEmpty() ? everywhere : missing.computeIfAbsent(namespace, this::asked);
  }

  private Optional<Right> asked(String namespace) {
    for (String verb : new String[] {"create", "get"}) {
      Right right = new Right(verb, "pods", "portforward", namespace);
      if (reader.may(right) instanceof Look.Seen<Boolean>(Boolean may) && !may) {
        return Optional.of(right);
      }
    }
    return Optional.empty();
  }

  /** The connection is kept for the next page of the same way, unless it is the last. */
  private Page fetched(int local, String path, boolean isLast) throws IOException {
    var connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + local + path).toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(millis);
    connection.setReadTimeout(millis);
    if (isLast) {
      connection.setRequestProperty("Connection", "close");
    }
    try {
      int status = connection.getResponseCode();
      if (status != OK) {
        connection.disconnect();
        throw new IOException("%s is answered with status %d".formatted(path, status));
      }
      try (InputStream in = connection.getInputStream()) {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
          throw new IOException("%s has more than %d bytes".formatted(path, MOST_BYTES));
        }
        return new Page(
            new String(bytes, StandardCharsets.UTF_8),
            KubernetesApi.date(Optional.ofNullable(connection.getHeaderField("Date"))));
      }
    } catch (IOException e) {
      connection.disconnect();
      throw e;
    }
  }
}
