package io.selvage.proxy.http;

import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.KnownHeader;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/** Gives each request an {@code x-request-id} (a random UUID) unless it came with one. */
final class RequestIds {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final HeaderLine NIL =
      HeaderLine.of("x-request-id", "00000000-0000-4000-8000-000000000000");

  private final LongSupplier random;
  private final byte[] text = NIL.value().getBytes(StandardCharsets.US_ASCII);

  /**
   * @param random 64 random bits
   */
  RequestIds(LongSupplier random) {
    this.random = random;
  }

  void ensure(HeadBuffer head) {
    if (head.has(KnownHeader.X_REQUEST_ID)) {
      return;
    }
    write(random.getAsLong(), 0);
    write(random.getAsLong(), 19);
    text[14] = '4';
    text[19] = HEX[8 | (text[19] & 3)];
    head.append(NIL);
    head.setValue(head.fieldCount() - 1, text, 0, text.length);
  }

  /** Sixteen digits from {@code at} on, leaving the hyphens. */
  private void write(long bits, int at) {
    int to = at;
    for (int shift = 60; shift >= 0; shift -= 4) {
      if (text[to] == '-') {
        to++;
      }
      text[to++] = HEX[(int) (bits >>> shift) & 0xf];
    }
  }
}
