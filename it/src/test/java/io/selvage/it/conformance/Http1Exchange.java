package io.selvage.it.conformance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One request's bytes, and the first answer to them: HTTP/1, or the application's echo. Reads just
 * as much as that takes.
 */
final class Http1Exchange {
  private static final String VERSION = "HTTP/1.";
  private static final int LONGEST_HEAD = 1 << 17;

  private final Socket socket;
  private final Request request;
  private final byte[] sent;

  Http1Exchange(Socket socket, Request request) {
    this.socket = socket;
    this.request = request;
    this.sent = bytes(request);
  }

  private static byte[] bytes(Request request) {
    String text =
        request
            .text()
            .map(line -> line.endsWith("\n") ? line : line + "\n")
            .or(request::raw)
            .orElseGet(
                () -> {
                  var head = new StringBuilder();
                  head.append(request.method()).append(' ').append(request.path());
                  head.append(" HTTP/1.1\r\n");
                  if (!request.host().isEmpty()) {
                    head.append("Host: ").append(request.host()).append("\r\n");
                  }
                  request
                      .headers()
                      .forEach(
                          each ->
                              head.append(each.name())
                                  .append(": ")
                                  .append(each.value())
                                  .append("\r\n"));
                  return head.append("\r\n").toString();
                });
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  Outcome outcome() throws IOException {
    send();
    InputStream in = socket.getInputStream();
    var start = new ByteArrayOutputStream();
    while (start.size() < sent.length || isHead(start)) {
      if (isHead(start)) {
        if (start.toString(StandardCharsets.ISO_8859_1).contains("\r\n\r\n")) {
          return answer(start.toString(StandardCharsets.ISO_8859_1), in);
        }
        if (start.size() > LONGEST_HEAD) {
          throw new IllegalStateException("an endless head");
        }
      }
      int next = in.read();
      if (next < 0) {
        break;
      }
      start.write(next);
    }
    if (start.size() == 0) {
      return Outcome.CLOSED;
    }
    if (Arrays.equals(sent, 0, start.size(), start.toByteArray(), 0, start.size())) {
      return Outcome.ECHO;
    }
    throw new IllegalStateException(
        "neither HTTP nor an echo: " + start.toString(StandardCharsets.ISO_8859_1));
  }

  /** Whoever refuses early may have closed already; what it said is still to be read. */
  private void send() {
    try {
      socket.getOutputStream().write(sent);
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // reading tells
    }
  }

  private static boolean isHead(ByteArrayOutputStream start) {
    return start.size() >= VERSION.length()
        && start.toString(StandardCharsets.ISO_8859_1).startsWith(VERSION);
  }

  private Outcome answer(String head, InputStream in) throws IOException {
    List<String> lines = head.lines().toList();
    int status = Integer.parseInt(lines.getFirst().split(" ", 3)[1]);
    List<Header> headers = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
      }
    }
    boolean hasBody =
        !request.method().equals("HEAD")
            && status >= 200
            && status != 204
            && status != 304
            && !(request.method().equals("CONNECT") && status == 200);
    byte[] body = hasBody ? body(headers, in) : new byte[0];
    return Answers.of(status, headers, body);
  }

  private static byte[] body(List<Header> headers, InputStream in) throws IOException {
    Optional<String> length = value(headers, "content-length");
    if (value(headers, "transfer-encoding").isPresent()) {
      return chunks(in);
    }
    return length.isPresent() ? in.readNBytes(Integer.parseInt(length.get())) : in.readAllBytes();
  }

  private static Optional<String> value(List<Header> headers, String name) {
    return headers.stream().filter(each -> each.is(name)).map(Header::value).findFirst();
  }

  private static byte[] chunks(InputStream in) throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
      body.write(in.readNBytes(size));
      line(in);
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }
}
