package io.selvage.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client of HTTP/2 that says what it likes, frame by frame (RFC 9113 4.1). */
public final class H2Client implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;
  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;

  /** One frame that came, its payload as text of one character a byte. */
  public record Frame(int type, int flags, int stream, String payload) {
    ByteBuf bytes() {
      return Unpooled.copiedBuffer(payload, StandardCharsets.ISO_8859_1);
    }

    public boolean ends() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** The error code of RST_STREAM and GOAWAY. */
    int code() {
      int at = type == GOAWAY ? 4 : 0;
      return bytes().getInt(at);
    }
  }

  /** How an exchange ended: an answer, or a code. */
  record Outcome(String status, String body, int reset, boolean closed) {}

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

  private H2Client(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    this.in = new DataInputStream(socket.getInputStream());
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
  }

  static H2Client connect(InetSocketAddress to) throws IOException {
    return new H2Client(new Socket(InetAddress.getLoopbackAddress(), to.getPort()));
  }

  static H2Client over(Socket socket) throws IOException {
    return new H2Client(socket);
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    send(bytesOf(type, flags, stream, payload));
  }

  /** One frame. */
  public static byte[] bytesOf(int type, int flags, int stream, byte[] payload) {
    ByteBuf out = Unpooled.buffer();
    out.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    return bytes(out.writeBytes(payload));
  }

  /** The head of a GET, and further names and values behind it. */
  void get(int stream, String path, String... more) throws IOException {
    request(stream, END_STREAM, "GET", path, more);
  }

  void request(int stream, int flags, String method, String path, String... more)
      throws IOException {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(":method", method, ":scheme", "http", ":path", path, ":authority", "a"));
    all.addAll(List.of(more));
    headers(stream, flags, all.toArray(String[]::new));
  }

  void headers(int stream, int flags, String... fields) throws IOException {
    frame(HEADERS, flags | END_HEADERS, stream, block(fields));
  }

  void data(int stream, int flags, String text) throws IOException {
    frame(DATA, flags, stream, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A header block of literals, none indexed, none in Huffman's code (RFC 7541 6.2.2). */
  public static byte[] block(String... fields) {
    ByteBuf out = Unpooled.buffer();
    for (int i = 0; i < fields.length; i += 2) {
      out.writeByte(0);
      literal(out, fields[i]);
      literal(out, fields[i + 1]);
    }
    return bytes(out);
  }

  private static void literal(ByteBuf out, String text) {
    int length = text.length();
    if (length < 127) {
      out.writeByte(length);
    } else {
      out.writeByte(127);
      int rest = length - 127;
      while (rest >= 128) {
        out.writeByte(rest % 128 + 128);
        rest /= 128;
      }
      out.writeByte(rest);
    }
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    return bytes;
  }

  /** The next frame; throws {@link EOFException} when the connection is closed. */
  Frame next() throws IOException {
    try {
      return read(in);
    } catch (SocketException e) {
      throw new EOFException(e.getMessage());
    }
  }

  /** One frame; throws {@link EOFException} at the end. */
  static Frame read(DataInputStream in) throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, flags, stream, new String(payload, StandardCharsets.ISO_8859_1));
  }

  Http2Headers decode(Frame frame) {
    try {
      return decoder.decodeHeaders(frame.stream(), frame.bytes());
    } catch (Http2Exception e) {
      throw new AssertionError(frame.payload(), e);
    }
  }

  /** The status of the next head, of whatever stream. */
  String status() throws IOException {
    Frame frame = next();
    while (frame.type() != HEADERS) {
      frame = next();
    }
    return String.valueOf(decode(frame).status());
  }

  /** Reads until the stream has ended, was reset, or the connection is gone. */
  Outcome outcome(int stream) throws IOException {
    String status = "";
    StringBuilder body = new StringBuilder();
    try {
      while (true) {
        Frame frame = next();
        if (frame.type() == GOAWAY && frame.code() != 0) {
          return new Outcome(status, body.toString(), frame.code(), true);
        }
        if (frame.type() == HEADERS) {
          CharSequence code = decode(frame).status();
          status = frame.stream() == stream && code != null ? code.toString() : status;
        }
        if (frame.stream() != stream) {
          continue;
        }
        if (frame.type() == DATA) {
          body.append(frame.payload());
        }
        if (frame.type() == RST_STREAM) {
          return new Outcome(status, body.toString(), frame.code(), false);
        }
        if (frame.ends()) {
          return new Outcome(status, body.toString(), -1, false);
        }
      }
    } catch (EOFException e) {
      return new Outcome(status, body.toString(), -1, true);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
