package io.selvage.policy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * A block of addresses: the first {@code prefixLength} bits of {@code address} are fixed, the rest
 * are zero (the constructor clears them). An IPv4 block never matches an IPv6 address; IPv4-mapped
 * IPv6 addresses are IPv4 (the JDK makes them so).
 *
 * @param address the lowest address of the block
 * @param prefixLength 0..32 or 0..128 bits
 */
public record Cidr(InetAddress address, int prefixLength) {
  private static final Pattern IPV4 =
      Pattern.compile("(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})");
  private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");
  private static final int MAPPED_BITS = 96;

  public Cidr {
    int bits = address.getAddress().length * 8;
    if (prefixLength < 0 || prefixLength > bits) {
      throw new IllegalArgumentException(
          "prefix length " + prefixLength + " is not in 0.." + bits + " of " + address);
    }
    address = masked(address, prefixLength);
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code 2001:db8::/32} or one address without a length. Never asks
   * DNS.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    String host = slash < 0 ? text : text.substring(0, slash);
    InetAddress address = literal(host, text);
    int bits = address.getAddress().length * 8;
    if (slash < 0) {
      return new Cidr(address, bits);
    }
    String length = text.substring(slash + 1);
    if (!LENGTH.matcher(length).matches()) {
      throw new IllegalArgumentException("no prefix length after '/' in " + text);
    }
    boolean mapped = bits == 32 && host.indexOf(':') >= 0;
    return new Cidr(address, Integer.parseInt(length) - (mapped ? MAPPED_BITS : 0));
  }

  private static InetAddress literal(String host, String text) {
    boolean v6 = host.indexOf(':') >= 0 && host.indexOf('%') < 0 && host.indexOf('[') < 0;
    if (!v6 && !IPV4.matcher(host).matches()) {
      throw new IllegalArgumentException("not an IP address or block: " + text);
    }
    return InetAddress.ofLiteral(host);
  }

  /** Whether {@code candidate} is of this block. */
  public boolean contains(InetAddress candidate) {
    byte[] block = address.getAddress();
    byte[] other = candidate.getAddress();
    if (block.length != other.length) {
      return false;
    }
    int whole = prefixLength >> 3;
    for (int i = 0; i < whole; i++) {
      if (block[i] != other[i]) {
        return false;
      }
    }
    int rest = prefixLength & 7;
    return rest == 0 || ((block[whole] ^ other[whole]) & (0xff00 >> rest) & 0xff) == 0;
  }

  private static InetAddress masked(InetAddress address, int prefixLength) {
    byte[] bytes = address.getAddress();
    for (int i = 0; i < bytes.length; i++) {
      int kept = Math.clamp(prefixLength - 8L * i, 0, 8);
      bytes[i] &= (byte) (0xff00 >> kept);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
    }
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefixLength;
  }
}
