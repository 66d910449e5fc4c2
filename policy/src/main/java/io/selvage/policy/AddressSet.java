package io.selvage.policy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Many address blocks as disjoint ranges in order: one look-up, however many they are. */
final class AddressSet {
  private final Ranges v4;
  private final Ranges v6;

  /** Ranges of addresses of one length; {@code starts} and {@code ends} at the same index. */
  @SuppressWarnings("ArrayRecordComponent") // private, never compared or shown
  private record Ranges(byte[][] starts, byte[][] ends) {
    static Ranges of(List<Cidr> blocks, int length) {
      List<byte[]> starts = new ArrayList<>();
      List<byte[]> ends = new ArrayList<>();
      blocks.stream()
          .filter(block -> block.address().getAddress().length == length)
          .sorted(
              Comparator.comparing(block -> block.address().getAddress(), Arrays::compareUnsigned))
          .forEach(block -> add(block, starts, ends));
      return new Ranges(starts.toArray(byte[][]::new), ends.toArray(byte[][]::new));
    }

    private static void add(Cidr block, List<byte[]> starts, List<byte[]> ends) {
      byte[] start = block.address().getAddress();
      byte[] end = last(block);
      if (!ends.isEmpty() && Arrays.compareUnsigned(start, ends.getLast()) <= 0) {
        if (Arrays.compareUnsigned(end, ends.getLast()) > 0) {
          ends.set(ends.size() - 1, end);
        }
        return;
      }
      starts.add(start);
      ends.add(end);
    }

    private static byte[] last(Cidr block) {
      byte[] bytes = block.address().getAddress();
      for (int i = 0; i < bytes.length; i++) {
        int kept = Math.clamp(block.prefixLength() - 8L * i, 0, 8);
        bytes[i] |= (byte) (0xff >> kept);
      }
      return bytes;
    }

    boolean contains(byte[] address) {
      int low = 0;
      int high = starts.length - 1;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        if (Arrays.compareUnsigned(address, starts[middle]) < 0) {
          high = middle - 1;
        } else {
          low = middle + 1;
        }
      }
      return high >= 0 && Arrays.compareUnsigned(address, ends[high]) <= 0;
    }
  }

  AddressSet(List<Cidr> blocks) {
    this.v4 = Ranges.of(blocks, 4);
    this.v6 = Ranges.of(blocks, 16);
  }

  /** Whether one of the blocks has {@code address}. */
  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return (bytes.length == 4 ? v4 : v6).contains(bytes);
  }
}
