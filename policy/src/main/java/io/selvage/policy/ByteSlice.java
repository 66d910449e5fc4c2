package io.selvage.policy;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A movable window on bytes that somebody else owns: how the request path hands a header value, a
 * path or a host to a matcher without making a String. It is valid until its owner moves on to the
 * next message, and is not safe for use by two threads.
 */
public final class ByteSlice implements CharSequence {
  private static final byte[] NONE = {};

  private byte[] array = NONE;
  private int start;
  private int end;

  /** A window on nothing. */
  public ByteSlice() {}

  /** A window on a copy of {@code text} in ISO-8859-1, the encoding of header bytes. */
  public static ByteSlice copyOf(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new ByteSlice().set(bytes, 0, bytes.length);
  }

  /** Moves this window to {@code array[start, end)}. */
  public ByteSlice set(byte[] array, int start, int end) {
    this.array = array;
    this.start = start;
    this.end = end;
    return this;
  }

  /** The bytes; only {@code [start(), end())} belong to this slice. */
  public byte[] array() {
    return array;
  }

  /** Index of the first byte. */
  public int start() {
    return start;
  }

  /** Index after the last byte. */
  public int end() {
    return end;
  }

  @Override
  public int length() {
    return end - start;
  }

  /** The byte at {@code index} counted from {@link #start()}, 0..255. */
  public int byteAt(int index) {
    return array[start + index] & 0xff;
  }

  @Override
  public char charAt(int index) {
    return (char) byteAt(index);
  }

  @Override
  public CharSequence subSequence(int from, int to) {
    return new ByteSlice().set(array, start + from, start + to);
  }

  @Override
  public String toString() {
    return new String(array, start, end - start, StandardCharsets.ISO_8859_1);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ByteSlice slice
        && java.util.Arrays.equals(array, start, end, slice.array, slice.start, slice.end);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + array[i];
    }
    return hash;
  }
}
