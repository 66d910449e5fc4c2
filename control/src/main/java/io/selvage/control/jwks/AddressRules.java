package io.selvage.control.jwks;

import io.selvage.policy.Cidr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Which addresses the control plane may fetch keys from.
 *
 * <p>Whoever may write a RequestAuthentication names the address, so without this guard the control
 * plane would ask on their behalf where they can't: at a cloud's metadata service, at loopback,
 * inside the cluster (CVE-2026-41413).
 *
 * @param allowed blocks that may be asked although they are not public
 */
public record AddressRules(List<Cidr> allowed) {
  /** Public addresses only. */
  public static final AddressRules PUBLIC_ONLY = new AddressRules(List.of());

  public AddressRules {
    allowed = List.copyOf(allowed);
  }

  /** Why an address may not be asked; empty when it may. */
  public Optional<String> refusal(InetAddress address) {
    if (allowed.stream().anyMatch(block -> contains(block, address))) {
      return Optional.empty();
    }
    return Optional.ofNullable(kind(address)).map(kind -> address.getHostAddress() + " is " + kind);
  }

  private static @org.jspecify.annotations.Nullable String kind(InetAddress address) {
    byte[] bytes = address.getAddress();
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
      return "this machine";
    }
    if (address.isLinkLocalAddress()) {
      return "link-local, where metadata services are";
    }
    if (address.isMulticastAddress()) {
      return "multicast";
    }
    if (address instanceof Inet4Address) {
      boolean sharedOrInternal =
          first == 0
              || first >= 240
              || (first == 100 && second >= 64 && second < 128)
              || (first == 198 && (second & 0xfe) == 18)
              || (first == 192 && second == 0 && bytes[2] == 0);
      return address.isSiteLocalAddress() || sharedOrInternal ? "a private network" : null;
    }
    boolean uniqueLocal = (first & 0xfe) == 0xfc || address.isSiteLocalAddress();
    boolean embedsIpv4 =
        isPrefix(bytes, 0x00, 0x64, 0xff, 0x9b)
            || isPrefix(bytes, 0x20, 0x02)
            || isPrefix(bytes, 0x20, 0x01, 0x00, 0x00)
            || isPrefix(bytes, 0, 0, 0, 0, 0, 0, 0, 0);
    return uniqueLocal || embedsIpv4 ? "a private network" : null;
  }

  private static boolean isPrefix(byte[] address, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if ((address[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean contains(Cidr block, InetAddress address) {
    byte[] low = block.address().getAddress();
    byte[] candidate = address.getAddress();
    if (low.length != candidate.length) {
      return false;
    }
    for (int bit = 0; bit < block.prefixLength(); bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((low[bit >> 3] & mask) != (candidate[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }
}
