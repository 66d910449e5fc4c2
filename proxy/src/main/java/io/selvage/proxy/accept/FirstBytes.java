package io.selvage.proxy.accept;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * What the first bytes of a connection show. Reading them consumes nothing: they go on to whoever
 * is responsible for the connection then.
 */
public sealed interface FirstBytes {
  /** Not enough to tell. */
  FirstBytes MORE = new NeedMore();

  /** See {@link #MORE}. */
  record NeedMore() implements FirstBytes {}

  /** A TLS client begins. */
  record Tls(ClientHello hello) implements FirstBytes {}

  /**
   * Anything that is not TLS.
   *
   * @param http2 it is HTTP/2's connection preface (RFC 9113 3.4)
   */
  record Plaintext(boolean http2) implements FirstBytes {}

  /**
   * It begins like TLS and goes on like nothing that TLS allows.
   *
   * @param why for the log
   */
  record Malformed(String why) implements FirstBytes {}

  /** Most bytes that a hello may take, over all its records. */
  int MAX_HELLO = 16 * 1024;

  /** Looks at what has arrived so far. */
  static FirstBytes of(ByteBuf in) {
    if (!in.isReadable()) {
      return MORE;
    }
    if (in.getByte(in.readerIndex()) == TlsRecords.HANDSHAKE) {
      return TlsRecords.hello(in);
    }
    return Preface.look(in);
  }

  /** HTTP/2 by its preface. */
  final class Preface {
    private static final byte[] BYTES =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final FirstBytes HTTP2 = new Plaintext(true);
    private static final FirstBytes OTHER = new Plaintext(false);

    private Preface() {}

    /** Whether the bytes are the preface, may become it, or are something else. */
    public static FirstBytes look(ByteBuf in) {
      int seen = Math.min(in.readableBytes(), BYTES.length);
      for (int i = 0; i < seen; i++) {
        if (in.getByte(in.readerIndex() + i) != BYTES[i]) {
          return OTHER;
        }
      }
      return seen == BYTES.length ? HTTP2 : MORE;
    }
  }

  /** The records (RFC 8446 5.1) that carry a hello, which may be cut anywhere. */
  final class TlsRecords {
    static final byte HANDSHAKE = 22;
    private static final int HEADER = 5;

    /** The longest hello with its own header; {@link ClientHello#read} refuses a longer one. */
    private static final int MAX_MESSAGE = 4 + MAX_HELLO;

    private TlsRecords() {}

    static FirstBytes hello(ByteBuf in) {
      int at = in.readerIndex();
      int end = in.writerIndex();
      if (end - at > 1 && in.getByte(at + 1) != 3) {
        return Preface.OTHER;
      }
      ByteBuf message = in.alloc().heapBuffer(1024, MAX_MESSAGE);
      try {
        while (true) {
          if (end - at < HEADER) {
            return MORE;
          }
          int length = in.getUnsignedShort(at + 3);
          if (in.getByte(at) != HANDSHAKE || in.getByte(at + 1) != 3 || length == 0) {
            return new Malformed("a TLS record that is no part of a hello: " + start(in));
          }
          int available = Math.min(length, end - at - HEADER);
          // what stands behind the hello must not matter: it may not have arrived yet
          int taken = Math.min(available, MAX_MESSAGE - message.readableBytes());
          message.writeBytes(in, at + HEADER, taken);
          FirstBytes found = ClientHello.read(message);
          if (!(found instanceof NeedMore) || available < length) {
            return found;
          }
          at += HEADER + length;
        }
      } finally {
        message.release();
      }
    }

    private static String start(ByteBuf in) {
      return ByteBufUtil.hexDump(in, in.readerIndex(), Math.min(in.readableBytes(), 16));
    }
  }
}
