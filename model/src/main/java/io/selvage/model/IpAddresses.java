package io.selvage.model;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.Pattern;

/** The written forms of IP addresses; nothing here ever asks a name server. */
final class IpAddresses {
  private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern V4 = Pattern.compile("(" + BYTE + "\\.){3}" + BYTE);
  private static final Pattern V6_LETTERS = Pattern.compile("[0-9a-fA-F:.]{2,45}");
  private static final int MAPPED_BITS = 96;
  private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

  private IpAddresses() {}

  static boolean isAddress(String text) {
    return isV4(text) || isV6(text);
  }

  static boolean isAddressOrBlock(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return isAddress(text);
    }
    String address = text.substring(0, slash);
    String length = text.substring(slash + 1);
    int most = isV4(address) ? 32 : isV6(address) ? 128 : -1;
    if (!LENGTH.matcher(length).matches() || Integer.parseInt(length) > most) {
      return false;
    }
    // A block wider than all IPv4-mapped addresses is written as one of IPv6: ::/0.
    return most != 128 || !isMapped(address) || Integer.parseInt(length) >= MAPPED_BITS;
  }

  private static boolean isMapped(String v6) {
    return InetAddress.ofLiteral(v6) instanceof Inet4Address;
  }

  private static boolean isV4(String text) {
    return V4.matcher(text).matches();
  }

  private static boolean isV6(String text) {
    if (!text.contains(":") || !V6_LETTERS.matcher(text).matches()) {
      return false;
    }
    try {
      Inet6Address.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
