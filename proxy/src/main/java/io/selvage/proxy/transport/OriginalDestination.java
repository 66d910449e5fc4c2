package io.selvage.proxy.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Where a captured connection wanted to go, before the kernel's {@code redirect} brought it here:
 * {@code SO_ORIGINAL_DST} of netfilter, for IPv4 and IPv6.
 */
public final class OriginalDestination {
  /** {@code SOL_IP}, {@code SO_ORIGINAL_DST}, {@code struct sockaddr_in}. */
  private static final RawUnixChannelOption IPV4 =
      new RawUnixChannelOption("SO_ORIGINAL_DST", 0, 80, 16);

  /** {@code SOL_IPV6}, {@code IP6T_SO_ORIGINAL_DST}, {@code struct sockaddr_in6}. */
  private static final RawUnixChannelOption IPV6 =
      new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", 41, 80, 28);

  private OriginalDestination() {}

  /** The address that was dialled; empty when the connection was not captured. */
  public static Optional<InetSocketAddress> of(Channel channel) {
    Optional<InetSocketAddress> found = read(channel, IPV4, 4, 4);
    return found.isPresent() ? found : read(channel, IPV6, 8, 16);
  }

  private static Optional<InetSocketAddress> read(
      Channel channel, RawUnixChannelOption option, int addressAt, int addressBytes) {
    ByteBuffer answer;
    try {
      answer = channel.config().getOption(option);
    } catch (ChannelException e) {
      return Optional.empty(); // the kernel knows no such connection: it was not redirected
    }
    return answer == null ? Optional.empty() : parse(answer, addressAt, addressBytes);
  }

  /** Port at offset 2 in network order, then the address. */
  private static Optional<InetSocketAddress> parse(
      ByteBuffer sockaddr, int addressAt, int addressBytes) {
    int port = ((sockaddr.get(2) & 0xff) << 8) | (sockaddr.get(3) & 0xff);
    byte[] address = new byte[addressBytes];
    sockaddr.get(addressAt, address);
    try {
      return port == 0
          ? Optional.empty()
          : Optional.of(new InetSocketAddress(InetAddress.getByAddress(address), port));
    } catch (UnknownHostException e) {
      return Optional.empty(); // not reached: the length is 4 or 16
    }
  }
}
