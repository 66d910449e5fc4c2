package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpPathTest {
  private ServerSocket backend;

  /** Answers everything it got once the client has said that it is done. */
  @BeforeEach
  void startBackend() throws IOException {
    backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              while (true) {
                try (Socket client = backend.accept()) {
                  byte[] all = client.getInputStream().readAllBytes();
                  client.getOutputStream().write(all);
                } catch (IOException e) {
                  return;
                }
              }
            });
  }

  @AfterEach
  void stopBackend() throws IOException {
    backend.close();
  }

  private static byte[] exchange(TestMesh mesh, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), mesh.entry().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
      return socket.getInputStream().readAllBytes();
    }
  }

  @Test
  void relaysBytesAndTheEndOfEachDirectionOnItsOwn() throws Exception {
    try (TestMesh mesh = TestMesh.start(backend.getLocalPort(), TestMesh.Options.PLAIN.asTcp())) {
      byte[] small = "hello".getBytes(StandardCharsets.US_ASCII);
      assertThat(exchange(mesh, small)).isEqualTo(small);
      byte[] large = new byte[3_000_000];
      new java.util.Random(1).nextBytes(large);
      assertThat(exchange(mesh, large)).isEqualTo(large);
    }
  }

  @Test
  void closesADeniedConnectionWithoutAByte() throws Exception {
    Authorization denyAll =
        new Authorization(
            List.of(
                new Authorization.Stage.Rbac(
                    Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                    Optional.empty())));
    try (TestMesh mesh =
        TestMesh.start(backend.getLocalPort(), TestMesh.Options.PLAIN.asTcp().with(denyAll))) {
      assertThat(exchange(mesh, "x".getBytes(StandardCharsets.US_ASCII))).isEmpty();
      assertThat(mesh.engine().denials().latest(1)).hasSize(1);
    }
  }

  @Test
  void aNewPolicyEndsAnOpenConnectionThatItForbidsAndLeavesOthers() throws Exception {
    Authorization denyAll =
        new Authorization(
            List.of(
                new Authorization.Stage.Rbac(
                    Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                    Optional.empty())));
    TestMesh.Options options = TestMesh.Options.PLAIN.asTcp();
    try (RawBackend echo = new RawBackend((in, out) -> in.transferTo(out));
        TestMesh mesh = TestMesh.start(echo.port(), options);
        RawClient client = RawClient.connect(mesh.entry())) {
      assertThat(client.send("a").text(1)).isEqualTo("a");
      mesh.apply(options); // nothing new
      assertThat(client.send("b").text(1)).isEqualTo("b");
      mesh.apply(options.with(denyAll));
      assertThat(client.rest()).isEmpty();
      assertThat(mesh.engine().denials().latest(1))
          .singleElement()
          .satisfies(denial -> assertThat(denial.sourcePrincipal()).isEqualTo(TestMesh.SLEEP));
    }
  }

  /** A handshake that was under way when policy changed is decided by what holds at its end. */
  @Test
  void aHandshakeThatWaitsThroughAChangeOfPolicyIsDecidedByTheNewOne() throws Exception {
    Authorization denyAll =
        new Authorization(
            List.of(
                new Authorization.Stage.Rbac(
                    Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                    Optional.empty())));
    TestMesh.Options options = TestMesh.Options.PLAIN.asTcp();
    try (RawBackend echo = new RawBackend((in, out) -> in.transferTo(out));
        TestMesh mesh = TestMesh.start(echo.port(), options);
        HeldHandshake held = HeldHandshake.with(mesh)) {
      mesh.apply(options.with(denyAll));
      assertThat(held.finishAndAsk("x")).isEmpty();
      assertThat(echo.seen()).allSatisfy(seen -> assertThat(seen).isEmpty());
    }
  }
}
