package io.selvage.proxy.fuzz;

import com.google.protobuf.MessageLite;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Several messages in one input: two bytes of length before each. */
final class Frames {
  private Frames() {}

  /** The messages; the last may be shorter than it says. */
  static List<byte[]> split(byte[] input, int most) {
    List<byte[]> parts = new ArrayList<>();
    int at = 0;
    while (input.length - at >= 2 && parts.size() < most) {
      int length = (input[at] & 0xff) << 8 | (input[at + 1] & 0xff);
      int end = Math.min(input.length, at + 2 + length);
      parts.add(Arrays.copyOfRange(input, at + 2, end));
      at = end;
    }
    return parts;
  }

  static byte[] join(List<? extends MessageLite> messages) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (MessageLite message : messages) {
      byte[] bytes = message.toByteArray();
      out.write(bytes.length >> 8);
      out.write(bytes.length);
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }
}
