package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.doctor.evidence.Look;
import io.selvage.doctor.evidence.Objects;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages of a proxy that stops to answer, at one page or another. */
final class PodPagesTest {
  private static final List<String> PATHS = List.of("/certs", "/config_dump", "/stats");

  private final AtomicReference<Instant> now = new AtomicReference<>(FakeApi.NOW);
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<Socket> connections = new CopyOnWriteArrayList<>();
  private ServerSocket proxy;
  private volatile String silentAt = "";
  private volatile String brokenAt = "";

  @BeforeEach
  void start() throws IOException {
    proxy = new ServerSocket(0, 0, InetAddress.ofLiteral("127.0.0.1"));
    Thread.ofVirtual().start(this::accept);
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    for (Socket each : connections) {
      each.close();
    }
  }

  private void accept() {
    while (!proxy.isClosed()) {
      try {
        Socket connection = proxy.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      } catch (IOException e) {
        return; // it is closed
      }
    }
  }

  private void serve(Socket connection) {
    try {
      var in =
          new BufferedReader(
              new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("GET ")) {
          String path = line.split(" ", -1)[1];
          asked.add(path);
          if (path.equals(silentAt)) {
            return; // and the connection stays
          }
          String status = path.equals(brokenAt) ? "500 Broken" : "200 OK";
          connection
              .getOutputStream()
              .write(
                  "HTTP/1.1 %s\r\nContent-Length: 4\r\n\r\npage"
                      .formatted(status)
                      .getBytes(StandardCharsets.US_ASCII));
        }
      }
    } catch (IOException _) {
      // whoever asked has gone
    }
  }

  private List<Look<PodPages.Page>> pages() {
    var api = new FakeApi().tunnelTo("web-1", 15_000, proxy.getLocalPort());
    var kubelets = new Kubelets(new Objects(Map.of()), Duration.ofMinutes(1), now::get);
    return new PodPages(new ApiReader(api), kubelets, Duration.ofMillis(200))
        .pages("sample", "web-1", 15_000, PATHS);
  }

  private static final Look<String> PAGE = Look.seen("page");

  private static List<Look<String>> bodies(List<Look<PodPages.Page>> pages) {
    return pages.stream().map(each -> each.map(PodPages.Page::body)).toList();
  }

  @Test
  void allAreSeen() {
    assertThat(bodies(pages())).containsExactly(PAGE, PAGE, PAGE);
  }

  @Test
  void afterSilenceNoOtherPageIsAskedFor() {
    silentAt = "/certs";
    Look<String> unseen = Look.unseen("port 15000 of Pod sample/web-1: Read timed out");
    assertThat(bodies(pages())).containsExactly(unseen, unseen, unseen);
    assertThat(asked).containsOnly("/certs");
  }

  @Test
  void whatWasSeenBeforeStays() {
    silentAt = "/config_dump";
    Look<String> unseen =
        Look.unseen("port 15000 of Pod sample/web-1: /config_dump: Read timed out");
    assertThat(bodies(pages())).containsExactly(PAGE, unseen, unseen);
    assertThat(asked).contains("/certs", "/config_dump").doesNotContain("/stats");
  }

  @Test
  void anAnswerThatIsNotWantedKeepsNoOtherPageAway() {
    brokenAt = "/config_dump";
    assertThat(bodies(pages()))
        .containsExactly(
            PAGE,
            Look.unseen("port 15000 of Pod sample/web-1: /config_dump is answered with status 500"),
            PAGE);
  }
}
