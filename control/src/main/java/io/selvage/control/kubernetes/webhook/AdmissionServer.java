package io.selvage.control.kubernetes.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.selvage.ca.ServingKeyManager;
import io.selvage.pki.WorkloadCertificate;
import io.selvage.xds.admin.HttpServerLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTPS endpoint of the API server's webhooks: takes admission reviews, has the {@link
 * Admission} of their path answer, and refuses what is no review. The API server knows it by the
 * {@code caBundle} of the webhook's configuration; each handshake gets the certificate of the
 * moment.
 */
public final class AdmissionServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdmissionServer.class);

  /** Alerts by which a caller says that it does not trust what it was shown (RFC 8446 6.2). */
  private static final Pattern DISTRUST =
      Pattern.compile("alert: (bad_certificate|certificate_\\w+|unknown_ca)");

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final int KIB = 1024;
  private static final int CHUNK = 64 * KIB;

  /** Twice what etcd stores of an object, old and new, and what is around them; Istio's limit. */
  private static final int LARGEST_REVIEW = 6 * KIB * KIB;

  /** Of all reviews that are being read or judged. */
  private static final int MEMORY = 96 * KIB * KIB;

  private final HttpsServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore chunks = new Semaphore(MEMORY / CHUNK);

  private AdmissionServer(HttpsServer server) {
    this.server = server;
  }

  /**
   * Begins to serve.
   *
   * @param at port 0 for a free one
   * @param serving asked for at each handshake
   * @param admissions by path, such as {@code /validate}
   */
  public static AdmissionServer start(
      InetSocketAddress at,
      Supplier<WorkloadCertificate> serving,
      Map<String, Admission> admissions)
      throws IOException {
    return start(at, serving, admissions, AdmissionServer::failed);
  }

  /**
   * The same.
   *
   * @param failed told of handshakes that fail: by whom, and how
   */
  static AdmissionServer start(
      InetSocketAddress at,
      Supplier<WorkloadCertificate> serving,
      Map<String, Admission> admissions,
      BiConsumer<InetSocketAddress, SSLException> failed)
      throws IOException {
    HttpServerLimits.set();
    AdmissionServer started = new AdmissionServer(HttpsServer.create(at, 0));
    started.server.setHttpsConfigurator(new Tls(new ToldContext(context(serving), failed)));
    started.server.setExecutor(started.executor);
    started.server.createContext("/", exchange -> answer(exchange, 404, "no such webhook\n"));
    admissions.forEach(
        (path, admission) ->
            started.server.createContext(path, exchange -> started.serve(exchange, admission)));
    started.server.start();
    return started;
  }

  private static SSLContext context(Supplier<WorkloadCertificate> serving) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new ServingKeyManager(serving)}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("no TLS for the webhooks: " + e.getMessage(), e);
    }
  }

  /** A caller that does not trust what is served is the API server with another caBundle. */
  private static void failed(InetSocketAddress from, SSLException cause) {
    String caller = from.getAddress().getHostAddress() + ":" + from.getPort();
    String words = String.valueOf(cause.getMessage());
    if (DISTRUST.matcher(words).find()) {
      LOG.warn("SLV2011 TLS handshake error from {}: {}", caller, words);
    } else {
      LOG.debug("SLV2011 TLS handshake error from {}: {}", caller, words);
    }
  }

  private static final class Tls extends HttpsConfigurator {
    Tls(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters connection) {
      SSLParameters parameters = new ToldEngine.Caller(connection.getClientAddress());
      parameters.setProtocols(PROTOCOLS);
      connection.setSSLParameters(parameters);
    }
  }

  /** Where it listens. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** A review comes in, is judged, and its answer goes out. */
  private void serve(HttpExchange exchange, Admission admission) throws IOException {
    int held = 0;
    try (exchange) {
      Optional<String> unfit = unfit(exchange);
      if (unfit.isPresent()) {
        answer(exchange, 400, unfit.get());
        return;
      }
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      try (InputStream in = exchange.getRequestBody()) {
        byte[] chunk = new byte[CHUNK];
        int read;
        while ((read = in.readNBytes(chunk, 0, CHUNK)) > 0) {
          if (!chunks.tryAcquire()) {
            answer(exchange, 503, "too many reviews at a time\n");
            return;
          }
          held++;
          body.write(chunk, 0, read);
          if (body.size() > LARGEST_REVIEW) {
            answer(exchange, 413, "a review has at most " + LARGEST_REVIEW + " bytes\n");
            return;
          }
        }
      }
      answer(exchange, AdmissionReview.judge(body.toByteArray(), admission));
    } finally {
      chunks.release(held);
    }
  }

  private static Optional<String> unfit(HttpExchange exchange) {
    if (!exchange.getHttpContext().getPath().equals(exchange.getRequestURI().getPath())) {
      return Optional.of("no such webhook\n");
    }
    if (!exchange.getRequestMethod().equals("POST")) {
      return Optional.of("a review is sent by POST\n");
    }
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.split(";", 2)[0].strip().equals("application/json")) {
      return Optional.of("a review is application/json\n");
    }
    return Optional.empty();
  }

  private static void answer(HttpExchange exchange, AdmissionReview.Answer answer)
      throws IOException {
    if (answer.status() != 200) {
      LOG.warn("SLV7230 a review is not answered: {}", answer.text().strip());
    }
    send(exchange, answer.status(), answer.type(), answer.text());
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    LOG.debug("SLV7230 {}: {}", status, text.strip());
    send(exchange, status, "text/plain; charset=utf-8", text);
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    try (exchange) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Lets reviews that are being judged end for a second, then stops. */
  @Override
  public void close() {
    server.stop(1);
    executor.shutdownNow();
  }
}
