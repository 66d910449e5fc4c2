package io.selvage.control.jwks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.selvage.policy.Cidr;
import io.selvage.xds.admin.HttpServerLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GuardedFetchTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    HttpServerLimits.set(); // the first server of a process decides for all
    server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    server.createContext(
        "/keys",
        exchange -> {
          byte[] body =
              exchange.getRequestHeaders().getFirst("Host").getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "http://169.254.169.254/");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, GuardedFetch.MAX_BYTES + 1L);
          exchange.getResponseBody().write(new byte[GuardedFetch.MAX_BYTES + 1]);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void asksTheJudgedAddressForTheNamedHost() throws Exception {
    String host = "issuer.example.com:" + server.getAddress().getPort();

    assertThat(fetch("127.0.0.0/8").get(URI.create("http://" + host + "/keys"), TIMEOUT))
        .isEqualTo(host);
  }

  @Test
  void refusesANameThatResolvesToWhereItMayNotAsk() {
    assertThatThrownBy(() -> fetch("10.0.0.0/8").get(at("/keys"), TIMEOUT))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("issuer.example.com resolves to 127.0.0.1 is this machine");
  }

  @Test
  void followsNoRedirect() {
    assertThatThrownBy(() -> fetch("127.0.0.0/8").get(at("/moved"), TIMEOUT))
        .hasMessageContaining("status 302");
  }

  @Test
  void readsNoEndlessAnswer() {
    assertThatThrownBy(() -> fetch("127.0.0.0/8").get(at("/endless"), TIMEOUT))
        .hasMessageContaining("longer than");
  }

  @Test
  void fetchesNothingButHttp() {
    assertThatThrownBy(() -> fetch("0.0.0.0/0").get(URI.create("file:///etc/passwd"), TIMEOUT))
        .hasMessageContaining("only http");
    assertThatThrownBy(() -> fetch("0.0.0.0/0").get(URI.create("http://a@b/"), TIMEOUT))
        .hasMessageContaining("no user");
  }

  private URI at(String path) {
    return URI.create("http://issuer.example.com:" + server.getAddress().getPort() + path);
  }

  private static GuardedFetch fetch(String allowed) throws IOException, NoSuchAlgorithmException {
    String[] block = allowed.split("/", 2);
    Cidr cidr = new Cidr(InetAddress.getByName(block[0]), Integer.parseInt(block[1]));
    return new GuardedFetch(
        new AddressRules(List.of(cidr)),
        host -> new InetAddress[] {InetAddress.getLoopbackAddress()},
        SSLContext.getDefault());
  }
}
