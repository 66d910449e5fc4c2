package io.selvage.proxy;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that says what it likes, byte by byte, and reads whatever comes back. */
public final class RawClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  public static RawClient connect(InetSocketAddress to) throws IOException {
    return new RawClient(new Socket(InetAddress.getLoopbackAddress(), to.getPort()));
  }

  public static RawClient over(Socket socket) throws IOException {
    return new RawClient(socket);
  }

  public RawClient send(String wire) throws IOException {
    return send(wire.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** One head, up to and with its empty line. */
  public String head() throws IOException {
    return RawBackend.head(in);
  }

  /** A head and the body that its Content-Length announces. */
  public String answer() throws IOException {
    String head = head();
    int at = head.indexOf("content-length: ");
    int length = at < 0 ? 0 : Integer.parseInt(head.substring(at + 16, head.indexOf('\r', at)));
    return head + text(length);
  }

  /** So many bytes, or fewer at the end of the stream. */
  public String text(int length) throws IOException {
    return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
  }

  /** Everything until the other side closes; a reset ends it as well. */
  public String rest() throws IOException {
    StringBuilder all = new StringBuilder();
    try {
      int b;
      while ((b = in.read()) >= 0) {
        all.append((char) b);
      }
    } catch (SocketException e) {
      all.append(""); // what came before the reset counts
    }
    return all.toString();
  }

  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
