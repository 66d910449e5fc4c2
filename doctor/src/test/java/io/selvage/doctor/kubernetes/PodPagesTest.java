package io.selvage.doctor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.selvage.doctor.evidence.Look;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Pages of a Pod's port, of which some do not come. */
class PodPagesTest {
  private static final List<String> PATHS = List.of("/certs", "/config_dump", "/stats");

  @Test
  void whatIsNotThereDoesNotStopTheRest() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/stats",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      assertThat(pages(server.getAddress().getPort(), Duration.ofSeconds(10)))
          .extracting(page -> page.found().isPresent())
          .containsExactly(false, false, true);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void whatHangsIsNotAskedAgain() throws Exception {
    var asked = new AtomicInteger();
    var over = new Semaphore(0);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          over.acquireUninterruptibly();
          exchange.close();
        });
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      server.setExecutor(threads);
      server.start();
      assertThat(pages(server.getAddress().getPort(), Duration.ofMillis(300)))
          .hasSize(PATHS.size())
          .allSatisfy(page -> assertThat(page.found()).isEmpty());
      assertThat(asked).hasValue(1);
    } finally {
      over.release(PATHS.size());
      server.stop(0);
      threads.close();
    }
  }

  private static List<Look<PodPages.Page>> pages(int local, Duration limit) {
    var api = new FakeApi().tunnelTo("httpbin", 15_000, local);
    return new PodPages(new ApiReader(api), limit).pages("sample", "httpbin", 15_000, PATHS);
  }
}
