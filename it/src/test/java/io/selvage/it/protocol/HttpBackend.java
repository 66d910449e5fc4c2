package io.selvage.it.protocol;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP/1.1 server that answers byte for byte what the path asks for, correct or not: what a
 * server of a library would not let a test do.
 */
final class HttpBackend {
  private final String name;
  private final AtomicInteger cutShort = new AtomicInteger();

  HttpBackend(String name) {
    this.name = name;
  }

  private record Request(String method, String path, Map<String, String> headers) {
    boolean expects() {
      return headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue");
    }
  }

  /** Answers a connection's requests. */
  void serve(Socket socket) throws IOException {
    InputStream in = new BufferedInputStream(socket.getInputStream());
    OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 1 << 16);
    for (Request request = read(in); request != null; request = read(in)) {
      if (!answer(request, in, out, socket)) {
        return;
      }
      out.flush();
    }
  }

  /** Whether the connection goes on. */
  private boolean answer(Request request, InputStream in, OutputStream out, Socket socket)
      throws IOException {
    String[] path = request.path().substring(1).split("/", 2);
    switch (path[0]) {
      case "sum" -> text(out, sum(request, in, out));
      case "refuse" -> {
        say(
            out,
            "HTTP/1.1 417 Expectation Failed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        out.flush();
        return false;
      }
      case "no-content" -> say(out, "HTTP/1.1 204 No Content\r\nx-is: empty\r\n\r\n");
      case "not-modified" ->
          say(out, "HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\nContent-Length: 1234\r\n\r\n");
      case "head" -> {
        say(out, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        say(out, request.method().equals("HEAD") ? "" : "12345");
      }
      case "trailers" ->
          say(
              out,
              Lines.of(
                  "HTTP/1.1 200 OK",
                  "Transfer-Encoding: chunked",
                  "Trailer: x-sum",
                  "",
                  "5",
                  "hello",
                  "0",
                  "x-sum: 42",
                  ""));
      case "bytes" -> bytes(out, Integer.parseInt(path[1]));
      case "chunked" -> chunked(out, Integer.parseInt(path[1]));
      case "until-close" -> {
        say(out, "HTTP/1.1 200 OK\r\n\r\nall until the end");
        out.flush();
        return false;
      }
      case "reset" -> {
        say(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this");
        out.flush();
        socket.setSoLinger(true, 0);
        return false;
      }
      case "cut" -> {
        say(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this");
        out.flush();
        return false;
      }
      case "upgrade" -> {
        say(
            out,
            Lines.of(
                "HTTP/1.1 101 Switching Protocols",
                "Connection: Upgrade",
                "Upgrade: websocket",
                ""));
        out.flush();
        echo(in, out);
        return false;
      }
      case "cut-short" -> text(out, cutShort.toString());
      case "headers" -> text(out, request.headers().toString());
      default -> text(out, name);
    }
    return true;
  }

  private static void echo(InputStream in, OutputStream out) throws IOException {
    for (int b = in.read(); b >= 0; b = in.read()) {
      out.write(b);
      out.flush();
    }
  }

  private static void bytes(OutputStream out, int count) throws IOException {
    say(out, "HTTP/1.1 200 OK\r\nContent-Length: " + count + "\r\n\r\n");
    for (int i = 0; i < count; i++) {
      out.write(i * 31 + (i >> 8));
    }
  }

  private static void chunked(OutputStream out, int count) throws IOException {
    say(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int from = 0; from < count; from += 10_000) {
      int length = Math.min(10_000, count - from);
      say(out, Integer.toHexString(length) + "\r\n");
      for (int i = from; i < from + length; i++) {
        out.write(i * 31 + (i >> 8));
      }
      say(out, "\r\n");
      out.flush();
    }
    say(out, "0\r\n\r\n");
  }

  private String sum(Request request, InputStream in, OutputStream out) throws IOException {
    if (request.expects()) {
      say(out, "HTTP/1.1 100 Continue\r\n\r\n");
      out.flush();
    }
    MessageDigest digest = Backend.sha256();
    try {
      long count =
          request.headers().getOrDefault("transfer-encoding", "").contains("chunked")
              ? fromChunks(in, digest)
              : exactly(
                  in,
                  Long.parseLong(request.headers().getOrDefault("content-length", "0")),
                  digest);
      return count + " " + Backend.hex(digest);
    } catch (IOException e) {
      cutShort.incrementAndGet();
      throw e;
    }
  }

  private static long fromChunks(InputStream in, MessageDigest digest) throws IOException {
    long count = 0;
    while (true) {
      long size = Long.parseLong(line(in), 16);
      if (size == 0) {
        while (!line(in).isEmpty()) {
          // a trailer
        }
        return count;
      }
      count += exactly(in, size, digest);
      line(in);
    }
  }

  private static long exactly(InputStream in, long count, MessageDigest digest) throws IOException {
    var buffer = new byte[1 << 16];
    for (long left = count; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new EOFException("the body ends " + left + " bytes early");
      }
      digest.update(buffer, 0, n);
      left -= n;
    }
    return count;
  }

  private static void text(OutputStream out, String body) throws IOException {
    say(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
  }

  private static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static @org.jspecify.annotations.Nullable Request read(InputStream in)
      throws IOException {
    in.mark(1);
    if (in.read() < 0) {
      return null;
    }
    in.reset();
    String[] first = line(in).split(" ", 3);
    var headers = new TreeMap<String, String>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    return new Request(first[0], first[1], headers);
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("within a line");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }
}
