package io.selvage.proxy.http;

import io.selvage.policy.ByteSlice;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds a value by host name, without regard to case, from the bytes of a head. Immutable. */
final class HostIndex<V> {
  private final byte[] @Nullable [] names;
  private final @Nullable Object[] values;
  private final int mask;

  HostIndex(Map<String, V> byName) {
    int size = Integer.highestOneBit(Math.max(4, byName.size() * 2)) * 2;
    names = new byte[size][];
    values = new @Nullable Object[size];
    mask = size - 1;
    byName.forEach(
        (name, value) -> {
          byte[] bytes = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
          int slot = hash(bytes, 0, bytes.length) & mask;
          while (names[slot] != null) {
            slot = (slot + 1) & mask;
          }
          names[slot] = bytes;
          values[slot] = value;
        });
  }

  // only values of V are ever put in
  @SuppressWarnings("unchecked")
  @Nullable V find(ByteSlice host, int length) {
    byte[] array = host.array();
    int start = host.start();
    for (int slot = hash(array, start, start + length) & mask; ; slot = (slot + 1) & mask) {
      byte[] name = names[slot];
      if (name == null) {
        return null;
      }
      if (equal(name, array, start, length)) {
        return (V) values[slot];
      }
    }
  }

  private static boolean equal(byte[] name, byte[] array, int start, int length) {
    if (name.length != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (name[i] != lower(array[start + i])) {
        return false;
      }
    }
    return true;
  }

  private static int hash(byte[] array, int start, int end) {
    int hash = 0;
    for (int i = start; i < end; i++) {
      hash = 31 * hash + lower(array[i]);
    }
    return hash ^ hash >>> 15;
  }

  private static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
  }
}
