package io.selvage.cli.rehearsal;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;

/** One HTTP/1.1 connection that sends a request and reads its answer, again and again. */
final class KeepAlive implements AutoCloseable {

  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final InputStream in;

  private KeepAlive(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  static KeepAlive open(InetSocketAddress at) throws IOException {
    var socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.connect(at, PATIENCE_MILLIS);
      return new KeepAlive(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Sends a request without a body and reads the whole answer, which must have a Content-Length.
   *
   * @throws IOException when the status is another one
   */
  void expect(Requests.Expected request) throws IOException {
    String target = request.target();
    String authority = target.split("/", 4)[2];
    socket
        .getOutputStream()
        .write(
            "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: rehearsal\r\nContent-Length: 0\r\n\r\n"
                .formatted(request.method(), target, authority)
                .getBytes(US_ASCII));
    String first = line();
    long length = 0;
    for (String header = line(); !header.isEmpty(); header = line()) {
      if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Long.parseLong(header.substring(header.indexOf(':') + 1).strip());
      }
    }
    in.skipNBytes(length);
    if (!first.startsWith("HTTP/1.1 " + request.status())) {
      throw new IOException(request.method() + " " + target + " is answered: " + first);
    }
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the connection ends within a head: " + line);
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
