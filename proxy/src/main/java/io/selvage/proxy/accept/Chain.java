package io.selvage.proxy.accept;

import static io.selvage.proxy.transport.Unwatched.unwatched;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.selvage.proxy.tls.ServerTls;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A filter chain at work, from the configuration that brought it to the one that replaces it.
 *
 * <p>A chain that comes again with the same match and TLS is succeeded: its connections go on, and
 * their next request is decided by the new policy. Any other chain that goes is drained: its
 * connections end with what is under way, and are closed after the drain time.
 */
public final class Chain {
  /** Told to the pipelines of open connections when the chain is succeeded or drained. */
  public enum Change {
    SUCCEEDED,
    DRAINING
  }

  private final FilterChain config;
  private final Listener.Direction direction;
  private final Optional<ServerTls> tls;
  private final ConnectionStack stack;
  private final Set<Channel> connections = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Chain successor;
  private volatile @Nullable Duration drainTime;

  public Chain(
      FilterChain config,
      Listener.Direction direction,
      Optional<ServerTls> tls,
      ConnectionStack stack) {
    this.config = config;
    this.direction = direction;
    this.tls = tls;
    this.stack = stack;
  }

  /** As configured. */
  public FilterChain config() {
    return config;
  }

  /** Of its listener. */
  public Listener.Direction direction() {
    return direction;
  }

  /** TLS is terminated with this. */
  Optional<ServerTls> tls() {
    return tls;
  }

  /** What is done with the bytes. */
  public ConnectionStack stack() {
    return stack;
  }

  /** The chain that has taken this one's place, or null while it is current. */
  public @Nullable Chain successor() {
    return successor;
  }

  /** Whether its connections are to end. */
  public boolean isDraining() {
    return drainTime != null;
  }

  /** Connections that are open. */
  public int connectionCount() {
    return connections.size();
  }

  /**
   * Takes a connection in whose handshake is over. The configuration may have changed meanwhile:
   * then it is told what the others were told.
   */
  void opened(Channel channel) {
    connections.add(channel);
    channel.closeFuture().addListener(closed -> connections.remove(channel));
    Chain next = successor;
    Duration within = drainTime;
    if (next != null) {
      connections.remove(channel);
      next.opened(channel);
      tell(channel, Change.SUCCEEDED);
    } else if (within != null) {
      drain(channel, within);
    }
  }

  /** Whether {@code next} may go on with this chain's connections. */
  boolean isContinuedBy(Chain next) {
    return config.match().equals(next.config.match())
        && config.tls().equals(next.config.tls())
        && config.stack().getClass() == next.config.stack().getClass();
  }

  /** Hands the connections on. */
  void succeededBy(Chain next) {
    successor = next;
    connections.forEach(
        channel -> {
          next.opened(channel);
          tell(channel, Change.SUCCEEDED);
        });
    connections.clear();
  }

  /** Lets the connections end; when each has. */
  List<ChannelFuture> drain(Duration within) {
    drainTime = within;
    List<ChannelFuture> ends = new ArrayList<>();
    for (Channel channel : connections) {
      ends.add(channel.closeFuture());
      drain(channel, within);
    }
    return ends;
  }

  private static void drain(Channel channel, Duration within) {
    tell(channel, Change.DRAINING);
    unwatched(
        channel
            .eventLoop()
            .schedule(() -> unwatched(channel.close()), within.toMillis(), TimeUnit.MILLISECONDS));
  }

  private static void tell(Channel channel, Change change) {
    channel.eventLoop().execute(() -> channel.pipeline().fireUserEventTriggered(change));
  }
}
