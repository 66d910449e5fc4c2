package io.selvage.it.kubernetes;

import io.selvage.it.stage.Opened;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Carries what an API server sends to Services where nothing else does: an HTTP proxy whose {@code
 * CONNECT} ends at the local port that the Service's name is routed to.
 */
final class ServiceRoutes implements AutoCloseable {
  private final ServerSocket accepting =
      new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
  private final Map<String, Integer> routes = new ConcurrentHashMap<>();
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();

  private ServiceRoutes() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  static ServiceRoutes open() throws IOException {
    return new ServiceRoutes();
  }

  /** The environment by which a Go program takes this way. */
  Map<String, String> environment() {
    return Map.of("HTTPS_PROXY", "http://127.0.0.1:" + accepting.getLocalPort());
  }

  /** From now on, what goes to {@code service}, such as {@code a.b.svc:443}, ends at that port. */
  void route(String service, int port) {
    routes.put(service, port);
    cut();
  }

  /** From now on, what goes to {@code service} is refused. */
  void close(String service) {
    routes.remove(service);
    cut();
  }

  /** Connections that are open would go on to where they went. */
  private void cut() {
    var all = new Opened();
    connections.forEach(all::add);
    all.close();
  }

  private void accept() {
    while (!accepting.isClosed()) {
      try {
        Socket in = accepting.accept();
        connections.add(in);
        Thread.ofVirtual().start(() -> serve(in));
      } catch (IOException e) {
        // closed
      }
    }
  }

  private void serve(Socket in) {
    try (in) {
      var head =
          new BufferedReader(
              new InputStreamReader(in.getInputStream(), StandardCharsets.US_ASCII), 1);
      String line = head.readLine();
      while (!head.readLine().isEmpty()) {
        // its fields say nothing that is needed
      }
      Integer port = line.startsWith("CONNECT ") ? routes.get(line.split(" ", -1)[1]) : null;
      OutputStream answer = in.getOutputStream();
      if (port == null) {
        answer.write("HTTP/1.1 502 no such service\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return;
      }
      try (var out = new Socket(accepting.getInetAddress(), port)) {
        connections.add(out);
        answer.write("HTTP/1.1 200 connected\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        Thread back = Thread.ofVirtual().start(() -> copy(out, in));
        copy(in, out);
        back.join();
      }
    } catch (IOException | RuntimeException e) {
      // one of the two ended
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      connections.remove(in);
    }
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one of the two ended
    } finally {
      connections.remove(from);
    }
  }

  @Override
  public void close() {
    var all = new Opened();
    all.add(accepting);
    all.add(this::cut);
    all.close();
  }
}
