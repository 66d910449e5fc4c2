package io.selvage.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.selvage.policy.Authorization;
import io.selvage.policy.CompiledAuthorization;
import io.selvage.proxy.telemetry.DenialRing;
import io.selvage.proxy.telemetry.Reporting;
import io.selvage.xds.resource.FilterChain;
import io.selvage.xds.resource.Listener;
import io.selvage.xds.resource.NetworkStack;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hello has fifteen seconds, however often a byte of it comes. */
class SlowHelloTest {
  private static final InetSocketAddress SOMEWHERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 15443);
  private static final Reporting REPORTING =
      new Reporting(Optional.empty(), new DenialRing(16), "istio-system/gateway");

  /** Takes connections and leaves them be. */
  static final ConnectionStack NOBODY =
      new ConnectionStack() {
        @Override
        public CompiledAuthorization authorization() {
          return CompiledAuthorization.compile(Authorization.NONE);
        }

        @Override
        public Reporting reporting() {
          return REPORTING;
        }

        @Override
        public void begin(ChannelHandlerContext at, VerifiedPeer peer) {
          at.pipeline().remove(at.handler());
        }
      };

  /** A channel that is connected to somewhere. */
  private static final class Connected extends EmbeddedChannel {
    @Override
    protected @Nullable SocketAddress remoteAddress0() {
      return isActive() ? SOMEWHERE : null;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
      return isActive() ? SOMEWHERE : null;
    }
  }

  private static EmbeddedChannel arriving() {
    FilterChain config =
        new FilterChain(
            "a",
            new FilterChain.Match(
                OptionalInt.empty(),
                List.of(),
                List.of("a.local"),
                FilterChain.Transport.TLS,
                List.of(),
                List.of()),
            Optional.empty(),
            new NetworkStack.Tcp(
                "a", Authorization.NONE, List.of(), "a", Duration.ZERO, Optional.empty()));
    Listener listener =
        new Listener(
            "0.0.0.0_15443",
            Listener.Direction.OUTBOUND,
            "0.0.0.0",
            15443,
            true,
            false,
            false,
            List.of(config),
            Optional.empty(),
            Optional.empty());
    ChainTable table =
        new ChainTable(
            listener,
            List.of(new Chain(config, listener.direction(), Optional.empty(), NOBODY)),
            Optional.empty());
    Listeners listeners = new Listeners(Map.of(listener.name(), table));
    EmbeddedChannel channel = new Connected();
    channel.freezeTime();
    channel
        .pipeline()
        .addLast(
            new InboundPipeline(
                new InboundPipeline.Entry(
                    listener.name(),
                    () -> listeners,
                    Optional.of(SOMEWHERE),
                    REPORTING,
                    InstantSource.system())));
    channel.pipeline().fireChannelActive();
    return channel;
  }

  private static void pass(EmbeddedChannel channel, int seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  @Test
  void whoSaysNothingIsClosed() {
    EmbeddedChannel channel = arriving();
    pass(channel, 14);
    assertThat(channel.isOpen()).isTrue();
    pass(channel, 2);
    assertThat(channel.isOpen()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5})
  void whoSaysAByteNowAndThenIsClosedToo(int every) {
    EmbeddedChannel channel = arriving();
    byte[] begin = {22, 3, 1, 0, (byte) 200, 1, 0, 0, (byte) 196, 3, 3, 0, 0, 0, 0};
    for (int at = 0, second = 0; second < 14; second += every, at++) {
      channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {begin[at]}));
      assertThat(channel.isOpen()).isTrue();
      pass(channel, Math.min(every, 14 - second));
    }
    pass(channel, 2);
    assertThat(channel.isOpen()).isFalse();
  }
}
