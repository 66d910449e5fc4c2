package io.selvage.cli.pod;

import java.net.Inet4Address;
import java.net.InetAddress;

/** A block of addresses: {@code 10.0.0.0/8}, {@code fd00::/8}. */
public record CidrBlock(InetAddress address, int bits) {
  /**
   * As written.
   *
   * @throws IllegalArgumentException saying what it is instead
   */
  public static CidrBlock of(String text) {
    int slash = text.indexOf('/');
    if (slash > 0 && text.substring(slash + 1).matches("[0-9]{1,3}")) {
      InetAddress address = literal(text, text.substring(0, slash));
      int bits = Integer.parseInt(text.substring(slash + 1));
      if (bits <= address.getAddress().length * Byte.SIZE) {
        return new CidrBlock(address, bits);
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no CIDR block, like 10.0.0.0/8");
  }

  private static InetAddress literal(String whole, String text) {
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + whole + "' is no CIDR block, like 10.0.0.0/8", e);
    }
  }

  /** nftables' name of the protocol. */
  String family() {
    return address instanceof Inet4Address ? "ip" : "ip6";
  }

  boolean isLoopback() {
    return address.isLoopbackAddress();
  }

  /** As nftables reads it. */
  @Override
  public String toString() {
    return address.getHostAddress() + "/" + bits;
  }
}
