package io.selvage.proxy.pod;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A probe that kubelet has the sidecar do. */
final class ApplicationProbe {
  private static final Logger LOG = LoggerFactory.getLogger(ApplicationProbe.class);

  /** As much as kubelet keeps of an answer. */
  private static final int LONGEST_BODY = 10 << 10;

  /** Of kubelet's connection to us, not of its question. */
  private static final Set<String> OF_THE_CONNECTION =
      Set.of("connection", "content-length", "transfer-encoding", "upgrade", "keep-alive", "te");

  private final ApplicationClient client;
  private final int statusPort;

  /**
   * What kubelet is told.
   *
   * @param status of HTTP: 200 to 399 is well
   */
  record Answer(int status, String body) {
    static Answer well() {
      return new Answer(200, "");
    }

    static Answer failed(String why) {
      return new Answer(500, why + "\n");
    }
  }

  ApplicationProbe(ApplicationClient client, int statusPort) {
    this.client = client;
    this.statusPort = statusPort;
  }

  /**
   * Asks the application.
   *
   * @param headers kubelet's
   */
  Answer ask(Prober prober, Map<String, String> headers) {
    try {
      return switch (prober) {
        case Prober.Http http -> http(http, headers);
        case Prober.Tcp tcp -> {
          client.connect(tcp.port(), tcp.timeout()).join();
          yield Answer.well();
        }
        case Prober.Grpc grpc -> HealthCalls.ask(client, grpc);
      };
    } catch (CompletionException e) {
      LOG.debug("port {} of the application does not answer", prober.port(), e);
      return Answer.failed("port %d of the application: %s".formatted(prober.port(), e.getCause()));
    }
  }

  private Answer http(Prober.Http http, Map<String, String> headers) {
    Map<String, String> sent = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach(
        (name, value) -> {
          if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
            sent.put(name, value);
          }
        });
    sent.computeIfPresent("Host", (_, host) -> host(host, http.port()));
    ApplicationClient.Reply reply = client.get(http, sent, LONGEST_BODY).join();
    // kubelet would follow a redirect past us; that the application answers is what it asks for
    return reply.status() >= 300 && reply.status() < 400
        ? Answer.well()
        : new Answer(reply.status(), reply.body());
  }

  /** The application is called by its own port; a name that the probe chose stays. */
  private String host(String host, int port) {
    String own = ":" + statusPort;
    return host.endsWith(own) ? host.substring(0, host.length() - own.length()) + ":" + port : host;
  }
}
