package io.selvage.policy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A hash table from byte strings to values that is looked up by a window on bytes and a hash that
 * the caller rolls along, so that all prefixes of a text cost one pass. Only policies put keys in,
 * so nobody outside can choose keys that collide.
 */
final class ByteTable<V> {
  private final byte[] @Nullable [] keys;
  private final @Nullable Object[] values;
  private final int mask;

  /**
   * @param entries by text, one char a byte
   * @param reversed whether hashes are rolled from the last byte
   */
  ByteTable(Map<String, V> entries, boolean reversed) {
    int capacity = Math.max(4, Integer.highestOneBit(entries.size() * 4 - 1));
    keys = new byte[capacity] @Nullable [];
    values = new @Nullable Object[capacity];
    mask = capacity - 1;
    for (var entry : entries.entrySet()) {
      byte[] key = entry.getKey().getBytes(StandardCharsets.ISO_8859_1);
      int hash = 0;
      for (int i = 0; i < key.length; i++) {
        hash = roll(hash, key[reversed ? key.length - 1 - i : i]);
      }
      int slot = slot(hash);
      while (keys[slot] != null) {
        slot = (slot + 1) & mask;
      }
      keys[slot] = key;
      values[slot] = entry.getValue();
    }
  }

  /** The hash of what {@code hash} is of, and {@code b} after it. */
  static int roll(int hash, byte b) {
    return hash * 31 + b + 1;
  }

  private int slot(int hash) {
    int mixed = hash * 0x9E3779B9;
    return (mixed ^ (mixed >>> 15)) & mask;
  }

  /** The value under {@code array[from, to)}, folded first when {@code fold}; null when none. */
  @SuppressWarnings("unchecked") // only values of V were put in
  @Nullable V get(byte[] array, int from, int to, int hash, boolean fold) {
    int slot = slot(hash);
    for (byte[] key = keys[slot]; key != null; key = keys[slot]) {
      if (key.length == to - from
          && (fold
              ? StringTest.Folded.equal(array, from, key, true)
              : Arrays.equals(array, from, to, key, 0, key.length))) {
        return (V) values[slot];
      }
      slot = (slot + 1) & mask;
    }
    return null;
  }
}
