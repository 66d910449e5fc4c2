package io.selvage.it.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Until;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plain TCP through both proxies. */
@Tag("real")
class TcpTest {
  @TempDir private static Path home;
  private static BackendMesh mesh;

  @BeforeAll
  static void up() throws Exception {
    mesh = BackendMesh.up(home);
  }

  @AfterAll
  static void down() throws Exception {
    mesh.close();
  }

  @Test
  void theServerMaySpeakFirst() throws Exception {
    try (var channel = mesh.connect("one.backend", 7000)) {
      assertThat(reader(channel.socket()).readLine()).isEqualTo("hello");
    }
  }

  @Test
  void aClientThatHasSaidAllIsStillAnswered() throws Exception {
    var bytes = new byte[5_000_000];
    new Random(3).nextBytes(bytes);
    var digest = Backend.sha256();
    digest.update(bytes);
    try (var channel = mesh.connect("one.backend", 7000)) {
      Socket socket = channel.socket();
      var reader = reader(socket);
      assertThat(reader.readLine()).isEqualTo("hello");

      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();

      assertThat(reader.readLine()).isEqualTo(bytes.length + " " + Backend.hex(digest));
      assertThat(reader.readLine()).as("then the server ends, too").isNull();
    }
  }

  @Test
  void aDeniedConnectionIsClosedWithoutAByte() throws Exception {
    mesh.running()
        .edit(
            "no-tcp.yaml",
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: no-tcp, namespace: backend}
            spec:
              action: DENY
              rules:
              - from: [{source: {principals: [it.mesh/ns/client/sa/client]}}]
                to: [{operation: {ports: ["7000"]}}]
            """);

    Until.seen("nothing is said", TcpTest::greeting, ""::equals);
    assertThat(mesh.curl("http://one.backend:8080/who").well().out()).isEqualTo("one");

    mesh.running().remove("no-tcp.yaml");
    Until.seen("the greeting is back", TcpTest::greeting, "hello"::equals);
  }

  private static String greeting() throws Exception {
    try (var channel = mesh.connect("one.backend", 7000)) {
      String line = reader(channel.socket()).readLine();
      return line == null ? "" : line;
    } catch (java.net.SocketException e) {
      return "";
    }
  }

  private static BufferedReader reader(Socket socket) throws Exception {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }
}
