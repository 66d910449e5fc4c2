package io.selvage.doctor.kubernetes;

import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.kubernetes.ClusterApi.Tunnel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * HTTP pages that Pods serve on their own loopback, read through the API server's port forwarding.
 */
final class PodPages {
  private static final int MOST_BYTES = 64 << 20;
  private static final int CHUNK = 1 << 16;
  private static final int OK = 200;

  private final ApiReader reader;
  private final Kubelets kubelets;
  private final int millis;
  private final Map<String, Optional<Right>> missing = new ConcurrentHashMap<>();

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

  PodPages(ApiReader reader, Kubelets kubelets, Duration limit) {
    this.reader = reader;
    this.kubelets = kubelets;
    this.millis = Math.toIntExact(limit.toMillis());
  }

  /** A page; unseen unless it is answered with 200. */
  Look<Page> page(String namespace, String pod, int port, String path) {
    return pages(namespace, pod, port, List.of(path)).getFirst();
  }

  /**
   * Several pages over one connection, each unseen unless it is answered with 200. After one that
   * is not answered at all the others are not asked for.
   */
  List<Look<Page>> pages(String namespace, String pod, int port, List<String> paths) {
    Look<List<Look<Page>>> read =
        through(namespace, pod, port, local -> pages(namespace, pod, port, local, paths));
    return switch (read) {
      case Look.Seen<List<Look<Page>>>(List<Look<Page>> pages) -> pages;
      case Look.Unseen<List<Look<Page>>>(String why, Optional<String> lacks) ->
          paths.stream().<Look<Page>>map(_ -> new Look.Unseen<>(why, lacks)).toList();
    };
  }

  private List<Look<Page>> pages(
      String namespace, String pod, int port, int local, List<String> paths) throws IOException {
    List<Look<Page>> pages = new ArrayList<>();
    for (String path : paths) {
      try {
        pages.add(Look.seen(fetched(local, path, pages.size() == paths.size() - 1)));
      } catch (OtherAnswer e) {
        pages.add(unseen(namespace, pod, port, ApiReader.message(e)));
      } catch (IOException e) {
        if (pages.isEmpty()) {
          throw e;
        }
        String why = "%s: %s".formatted(path, ApiReader.message(e));
        while (pages.size() < paths.size()) {
          pages.add(unseen(namespace, pod, port, why));
        }
        return pages;
      }
    }
    return pages;
  }

  /** Something was answered, and not what was wanted. */
  private static final class OtherAnswer extends IOException {
    private static final long serialVersionUID = 1L;

    OtherAnswer(String message) {
      super(message);
    }
  }

  private static <T> Look<T> unseen(String namespace, String pod, int port, String why) {
    return Look.unseen("port %d of Pod %s/%s: %s".formatted(port, namespace, pod, why));
  }

  /** What comes of using a way to a Pod's port. */
  <T> Look<T> through(String namespace, String pod, int port, Use<T> use) {
    Optional<Right> lacks = missing(namespace);
    if (lacks.isPresent()) {
      return new Look.Unseen<>(
          "port %d of Pod %s/%s: we may not forward ports".formatted(port, namespace, pod),
          lacks.map(Right::toString));
    }
    try {
      return Look.seen(
          kubelets.ask(
              namespace,
              pod,
              () -> {
                try (Tunnel tunnel = reader.api().tunnel(namespace, pod, port)) {
                  return use.at(tunnel.port());
                }
              }));
    } catch (IOException e) {
      return unseen(namespace, pod, port, ApiReader.message(e));
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
        throw new OtherAnswer("%s is answered with status %d".formatted(path, status));
      }
      try (InputStream in = connection.getInputStream()) {
        return new Page(
            text(path, in),
            KubernetesApi.date(Optional.ofNullable(connection.getHeaderField("Date"))));
      }
    } catch (IOException e) {
      connection.disconnect();
      throw e;
    }
  }

  /** A body, which may come slowly, but not for ever. */
  private String text(String path, InputStream in) throws IOException {
    var bytes = new ByteArrayOutputStream();
    byte[] some = new byte[CHUNK];
    for (int read = in.read(some); read >= 0; read = in.read(some)) {
      kubelets.goOn();
      bytes.write(some, 0, read);
      if (bytes.size() > MOST_BYTES) {
        throw new OtherAnswer("%s has more than %d bytes".formatted(path, MOST_BYTES));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
