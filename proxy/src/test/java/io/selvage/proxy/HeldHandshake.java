package io.selvage.proxy;

import io.selvage.pki.KeyAlgorithm;
import io.selvage.pki.SpiffeId;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocket;

/**
 * A TLS handshake with {@code httpbin}'s inbound side whose last flight is held back until the test
 * lets it go. It runs through a forwarder that passes the client's first record and no more.
 */
final class HeldHandshake implements AutoCloseable {
  private final ServerSocket door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final CountDownLatch mayEnd = new CountDownLatch(1);
  private final CountDownLatch halfDone = new CountDownLatch(1);
  private final TlsClient client;
  private final CompletableFuture<String> answer = new CompletableFuture<>();

  private HeldHandshake(TestMesh mesh) throws Exception {
    client =
        TlsClient.of(
            mesh.authority()
                .issue(
                    KeyAlgorithm.ECDSA_P256, SpiffeId.parse(TestMesh.SLEEP), Duration.ofHours(1)));
    Thread.ofVirtual().start(() -> forward(mesh.inboundAddress()));
    Thread.ofVirtual().start(this::ask);
  }

  /** One that has sent its hello and seen the server's answer. */
  static HeldHandshake with(TestMesh mesh) throws Exception {
    HeldHandshake held = new HeldHandshake(mesh);
    held.halfDone.await();
    return held;
  }

  private void forward(InetSocketAddress to) {
    try (Socket near = door.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), to.getPort())) {
      InputStream in = near.getInputStream();
      OutputStream out = far.getOutputStream();
      byte[] header = in.readNBytes(5);
      out.write(header);
      out.write(in.readNBytes((header[3] & 0xff) << 8 | (header[4] & 0xff)));
      byte[] first = new byte[1];
      if (far.getInputStream().read(first) == 1) {
        near.getOutputStream().write(first);
      }
      Thread back = Thread.ofVirtual().start(() -> pump(far, near));
      halfDone.countDown();
      mayEnd.await();
      in.transferTo(out);
      back.join();
    } catch (IOException | InterruptedException e) {
      answer.complete("");
    }
  }

  private static void pump(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      return; // one of them is gone
    }
  }

  private volatile String text = "";

  private void ask() {
    try (SSLSocket socket =
        client.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), door.getLocalPort()),
            "TLSv1.2")) {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      byte[] back = socket.getInputStream().readNBytes(text.length());
      answer.complete(new String(back, StandardCharsets.US_ASCII));
    } catch (IOException e) {
      answer.complete("");
    }
  }

  /** Lets the handshake end, sends a text, and gives what comes back; empty when refused. */
  String finishAndAsk(String sent) {
    text = sent;
    mayEnd.countDown();
    return answer.join();
  }

  @Override
  public void close() throws IOException {
    mayEnd.countDown();
    door.close();
  }
}
