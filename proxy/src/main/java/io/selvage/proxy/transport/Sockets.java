package io.selvage.proxy.transport;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.selvage.proxy.netns.NetworkNamespace;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

/**
 * Opens the sockets of one workload: in its network namespace if it has one of its own, marked so
 * that capture rules leave the proxy's own connections alone.
 *
 * @param transport what carries them
 * @param namespace where they are born; empty: the process's own
 * @param mark {@code SO_MARK} of connections to upstreams; takes {@code CAP_NET_ADMIN}
 */
public record Sockets(Transport transport, Optional<NetworkNamespace> namespace, OptionalInt mark) {
  /** The mark that Istio's capture rules let pass. */
  public static final int ISTIO_MARK = 1337;

  private static final ChannelOption<Integer> SO_MARK =
      new IntegerUnixChannelOption("SO_MARK", 1, 36);

  /** Sockets of this process, unmarked. */
  public static Sockets plain(Transport transport) {
    return new Sockets(transport, Optional.empty(), OptionalInt.empty());
  }

  /** A socket to listen with. */
  public ServerChannel listening() {
    return open(transport::server);
  }

  /** A socket to connect with. */
  public SocketChannel connecting() {
    SocketChannel channel = open(transport::client);
    if (mark.isPresent()) {
      channel.config().setOption(SO_MARK, mark.getAsInt());
    }
    return channel;
  }

  private <T> T open(Callable<T> socket) {
    try {
      return namespace.isPresent() ? namespace.get().call(socket) : socket.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ChannelException("cannot open a socket in the workload's namespace", e);
    }
  }
}
