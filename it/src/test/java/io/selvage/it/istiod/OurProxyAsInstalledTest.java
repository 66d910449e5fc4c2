package io.selvage.it.istiod;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.it.stage.Until;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our proxy under istiod as it is installed, with the filters that only Istio's own build of Envoy
 * has; once in this process, once as {@code selvage proxy}.
 */
@Tag("real")
final class OurProxyAsInstalledTest {
  private static final String OURS = "ours";
  private static final String COMMAND = "command";
  private static final String CLIENT = "client";

  @TempDir static Path home;

  private static IstiodMesh mesh;

  @BeforeAll
  static void start() throws Exception {
    mesh = new IstiodMesh(home, Istiod.Settings.DEFAULT);
    try {
      mesh.addBare(CLIENT);
      mesh.addOurs(OURS, true, Duration.ZERO);
      mesh.addCommand(COMMAND);
      mesh.settle();
      Until.seen(
          "istiod knows that the command has its listeners",
          () -> mesh.listeners(COMMAND),
          seen ->
              !seen.path("acked").asString("").isEmpty()
                  && seen.path("acked").equals(seen.path("sent")));
    } catch (Throwable e) {
      mesh.close();
      throw e;
    }
  }

  @AfterAll
  static void stop() {
    mesh.close();
  }

  @Test
  void eachServesTheOtherByMutualTls() throws Exception {
    for (String from : new String[] {OURS, COMMAND}) {
      String to = from.equals(OURS) ? COMMAND : OURS;
      var answer = mesh.curl(from, "http://%s:8000/headers".formatted(mesh.serviceAddress(to)));
      assertThat(answer.status()).as("%s asks %s", from, to).isEqualTo("200");
      assertThat(answer.body())
          .contains("By=spiffe://cluster.local/ns/foo/sa/" + to)
          .contains("URI=spiffe://cluster.local/ns/foo/sa/" + from);
    }
  }

  @Test
  void bytesGoThroughUnchangedWhereMetadataExchangeIsConfigured() throws Exception {
    try (SocketChannel connection = mesh.socket(OURS)) {
      connection.connect(new InetSocketAddress(mesh.serviceAddress(COMMAND), 9000));
      connection.write(StandardCharsets.US_ASCII.encode("hello"));
      var seen = ByteBuffer.allocate(5);
      while (seen.hasRemaining() && connection.read(seen) >= 0) {}
      assertThat(new String(seen.array(), StandardCharsets.US_ASCII)).isEqualTo("hello");
    }
  }

  @Test
  void nobodyIsPromisedAnExchangeOfMetadata() {
    var said =
        mesh.run(
            CLIENT,
            "openssl",
            "s_client",
            "-connect",
            mesh.address(COMMAND) + ":9090",
            "-alpn",
            "istio-peer-exchange,istio");
    assertThat(said.out()).contains("BEGIN CERTIFICATE").contains("No ALPN negotiated");
  }

  @Test
  void strictHoldsForTheCommand() throws Exception {
    mesh.replace(
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: {name: default, namespace: foo}
        spec: {mtls: {mode: STRICT}}
        """);
    String url = "http://%s:8080/headers".formatted(mesh.address(COMMAND));
    Until.seen("plaintext is refused", () -> mesh.curl(CLIENT, url).status(), "000"::equals);
    mesh.replace("");
    Until.seen("plaintext is taken", () -> mesh.curl(CLIENT, url).status(), "200"::equals);
  }
}
