package io.selvage.proxy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Client hellos (RFC 8446 4.1.2) that no TLS library would send. */
final class HandshakeBytes {
  private static final int RECORD = 16_384;

  private HandshakeBytes() {}

  /**
   * A hello with these bytes as its server name and these protocols, in records of at most 16 KiB.
   */
  static byte[] hello(byte[] serverName, List<String> protocols) {
    var extensions = new ByteArrayOutputStream();
    if (serverName.length > 0) {
      byte[] entry = join(new byte[] {0}, sized(2, serverName));
      extensions.writeBytes(join(new byte[] {0, 0}, sized(2, sized(2, entry))));
    }
    var names = new ByteArrayOutputStream();
    for (String protocol : protocols) {
      names.writeBytes(sized(1, protocol.getBytes(StandardCharsets.US_ASCII)));
    }
    if (names.size() > 0) {
      extensions.writeBytes(join(new byte[] {0, 16}, sized(2, sized(2, names.toByteArray()))));
    }
    extensions.writeBytes(join(new byte[] {0, 43}, sized(2, sized(1, new byte[] {3, 4}))));
    byte[] body =
        join(
            new byte[] {3, 3},
            new byte[32],
            sized(1, new byte[0]),
            sized(2, new byte[] {0x13, 0x01}),
            sized(1, new byte[] {0}),
            sized(2, extensions.toByteArray()));
    return records(join(new byte[] {1}, sized(3, body)), RECORD);
  }

  /** A handshake message in records of at most so many bytes. */
  static byte[] records(byte[] message, int most) {
    var out = new ByteArrayOutputStream();
    for (int at = 0; at < message.length; at += most) {
      byte[] part = Arrays.copyOfRange(message, at, Math.min(message.length, at + most));
      out.writeBytes(join(new byte[] {22, 3, 1}, sized(2, part)));
    }
    return out.toByteArray();
  }

  /** The message in records of one size, in records of another. */
  static byte[] cut(byte[] records, int most) {
    var message = new ByteArrayOutputStream();
    ByteBuffer in = ByteBuffer.wrap(records);
    while (in.hasRemaining()) {
      in.get(new byte[3]);
      byte[] part = new byte[in.getShort() & 0xffff];
      in.get(part);
      message.writeBytes(part);
    }
    return records(message.toByteArray(), most);
  }

  private static byte[] sized(int lengthBytes, byte[] content) {
    byte[] out = new byte[lengthBytes + content.length];
    for (int i = 0; i < lengthBytes; i++) {
      out[i] = (byte) (content.length >> (8 * (lengthBytes - 1 - i)));
    }
    System.arraycopy(content, 0, out, lengthBytes, content.length);
    return out;
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
