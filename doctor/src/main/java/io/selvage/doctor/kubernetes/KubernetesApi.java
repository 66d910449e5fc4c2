package io.selvage.doctor.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.JsonNode;

/** A cluster through fabric8's client: its credentials, also those of {@code exec} plugins. */
public final class KubernetesApi implements ClusterApi {
  /** An API server lets a connection have 100 streams; others need some of them. */
  private static final int AT_A_TIME = 32;

  private final KubernetesClient client;
  private final String context;
  private final Duration limit;
  private final String base;
  private final Semaphore free = new Semaphore(AT_A_TIME);

  /**
   * By a client that stays its maker's.
   *
   * @param context its name, as the user knows it
   * @param limit of one request
   */
  public KubernetesApi(KubernetesClient client, String context, Duration limit) {
    this.client = client;
    this.context = context;
    this.limit = limit;
    this.base = client.getMasterUrl().toString().replaceAll("/+$", "");
  }

  @Override
  public String context() {
    return context;
  }

  @Override
  public String server() {
    return base;
  }

  @Override
  public Answer get(String path) throws IOException {
    return send(request(path));
  }

  @Override
  public Answer post(String path, JsonNode body) throws IOException {
    return send(request(path).post("application/json", body.toString()));
  }

  private HttpRequest.Builder request(String path) {
    return client
        .getHttpClient()
        .newHttpRequestBuilder()
        .uri(URI.create(base + path))
        .header("Accept", "application/json, */*")
        .timeout(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Answer send(HttpRequest.Builder request) throws IOException {
    try {
      free.acquire();
      try {
        return answer(client.getHttpClient().sendAsync(request.build(), String.class));
      } finally {
        free.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Answer answer(CompletableFuture<HttpResponse<String>> coming)
      throws IOException, InterruptedException {
    try {
      HttpResponse<String> response = coming.get(limit.toMillis(), TimeUnit.MILLISECONDS);
      String body = response.body();
      return new Answer(response.code(), date(response.headers("Date").stream().findFirst()), body);
    } catch (ExecutionException e) {
      throw isTimeout(e) ? noAnswer(e) : new IOException(words(e), e);
    } catch (TimeoutException e) {
      coming.cancel(true);
      throw noAnswer(e);
    }
  }

  private static boolean isTimeout(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof TimeoutException
          || each instanceof HttpTimeoutException
          || each instanceof SocketTimeoutException) {
        return true;
      }
    }
    return false;
  }

  private SocketTimeoutException noAnswer(Exception cause) {
    var said = new SocketTimeoutException("no answer within %d ms".formatted(limit.toMillis()));
    said.initCause(cause);
    return said;
  }

  /** The JDK's client says neither that nobody listens nor that a name has no address. */
  private static String words(Throwable failure) {
    Throwable deepest = failure;
    boolean connects = false;
    while (deepest.getCause() != null) {
      connects |= deepest instanceof ConnectException;
      deepest = deepest.getCause();
    }
    if (deepest instanceof UnresolvedAddressException) {
      return "no address is known for the host's name";
    }
    if (connects && deepest instanceof ClosedChannelException) {
      return "connection refused";
    }
    String message = deepest.getMessage();
    return message == null ? deepest.getClass().getSimpleName() : message;
  }

  /** RFC 9110 5.6.7; empty for what is none. */
  static Optional<Instant> date(Optional<String> header) {
    try {
      return header.map(
          text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public Tunnel tunnel(String namespace, String pod, int port) throws IOException {
    try {
      LocalPortForward forward =
          client
              .pods()
              .inNamespace(namespace)
              .withName(pod)
              .portForward(port, InetAddress.ofLiteral("127.0.0.1"), 0);
      return new Forwarded(forward);
    } catch (KubernetesClientException e) {
      throw new IOException(words(e), e);
    }
  }

  private record Forwarded(LocalPortForward forward) implements Tunnel {
    @Override
    public int port() {
      return forward.getLocalPort();
    }

    @Override
    public void close() {
      try {
        forward.close();
      } catch (IOException e) {
        // it is over either way
      }
    }
  }
}
