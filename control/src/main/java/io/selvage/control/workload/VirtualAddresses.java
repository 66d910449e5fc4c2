package io.selvage.control.workload;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Virtual addresses for hosts that have none, out of 240.240.0.0/16 as Istio's automatic allocation
 * does it.
 *
 * <p>An address is found by hashing the host, so that it is the same in every cluster and after
 * every restart. Hosts whose hashes meet are taken in alphabetical order, the later one probes on:
 * a host that comes or goes can move only those that it collides with.
 */
public final class VirtualAddresses {
  /** Usable addresses: not .0.0, not .255.255. */
  private static final int CAPACITY = (1 << 16) - 2;

  private VirtualAddresses() {}

  /**
   * An address for each host, as far as there are addresses.
   *
   * @param hosts where they are too many, the first of them get one
   */
  public static Map<String, String> allocate(Collection<String> hosts) {
    Map<String, String> allocated = new TreeMap<>();
    Set<Integer> taken = new HashSet<>();
    for (String host : sorted(hosts)) {
      int slot = Math.floorMod(hash(host), CAPACITY);
      while (!taken.add(slot)) {
        slot = (slot + 1) % CAPACITY;
      }
      int low = slot + 1;
      allocated.put(host, "240.240.%d.%d".formatted(low >> 8, low & 0xff));
    }
    return allocated;
  }

  private static Set<String> sorted(Collection<String> hosts) {
    Set<String> sorted = new TreeSet<>();
    for (String host : hosts) {
      if (sorted.size() == CAPACITY) {
        break;
      }
      sorted.add(host);
    }
    return sorted;
  }

  private static int hash(String host) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(sha256.digest(host.getBytes(StandardCharsets.UTF_8))).getInt();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
