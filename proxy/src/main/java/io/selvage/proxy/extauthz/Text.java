package io.selvage.proxy.extauthz;

import io.selvage.policy.ByteSlice;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Bytes of a request as text that every authorizer can read. A byte that is no UTF-8 becomes an
 * exclamation mark, as Envoy does it: a provider that could not be asked because of one header is a
 * provider that a client can walk around (GHSA-9g5w-hqr3-w2ph).
 */
final class Text {
  private Text() {}

  static String of(ByteSlice bytes) {
    return of(bytes.array(), bytes.start(), bytes.length());
  }

  static String of(byte[] bytes, int start, int length) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, start, length);
    CharBuffer out = CharBuffer.allocate(length + 1);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        in.get();
        out.put('!');
      }
    }
  }
}
