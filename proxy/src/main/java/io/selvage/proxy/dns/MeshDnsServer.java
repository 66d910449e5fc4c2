package io.selvage.proxy.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A DNS server (RFC 1035) for one workload, over UDP and TCP at one address. It forwards nothing:
 * what the mesh does not know does not exist.
 *
 * <p>The channel factories decide where it listens: {@code () -> namespace.call(Nio…::new)} puts it
 * into a workload's namespace.
 */
public final class MeshDnsServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(MeshDnsServer.class);
  private static final int TCP_IDLE_SECONDS = 10;

  private final Channel udp;
  private final Channel tcp;

  private MeshDnsServer(Channel udp, Channel tcp) {
    this.udp = udp;
    this.tcp = tcp;
  }

  /**
   * Binds both sockets and answers from whatever {@code table} gives at each query.
   *
   * @param at where to listen; port 0 takes a free one, the same for both transports
   * @throws IOException when an address is taken or forbidden; nothing stays open
   */
  public static MeshDnsServer start(
      EventLoopGroup loops,
      ChannelFactory<? extends DatagramChannel> udpChannels,
      ChannelFactory<? extends ServerChannel> tcpChannels,
      InetSocketAddress at,
      Supplier<NameTable> table)
      throws IOException {
    Channel tcp = bound(tcpBootstrap(loops, tcpChannels, table).bind(at), at);
    try {
      var same = (InetSocketAddress) tcp.localAddress();
      return new MeshDnsServer(bound(udpBootstrap(loops, udpChannels, table).bind(same), at), tcp);
    } catch (IOException e) {
      tcp.close().syncUninterruptibly();
      throw e;
    }
  }

  private static Channel bound(ChannelFuture bind, InetSocketAddress at) throws IOException {
    if (!bind.awaitUninterruptibly().isSuccess()) {
      throw new IOException("DNS cannot listen on " + at, bind.cause());
    }
    return bind.channel();
  }

  private static Bootstrap udpBootstrap(
      EventLoopGroup loops,
      ChannelFactory<? extends DatagramChannel> channels,
      Supplier<NameTable> table) {
    return new Bootstrap()
        .group(loops)
        .channelFactory(channels)
        .handler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new DatagramDnsQueryDecoder())
                    .addLast(new DatagramDnsResponseEncoder())
                    .addLast(new UdpResponder(table));
              }
            });
  }

  private static ServerBootstrap tcpBootstrap(
      EventLoopGroup loops,
      ChannelFactory<? extends ServerChannel> channels,
      Supplier<NameTable> table) {
    return new ServerBootstrap()
        .group(loops)
        .channelFactory(channels)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(new ReadTimeoutHandler(TCP_IDLE_SECONDS))
                    .addLast(new TcpDnsQueryDecoder())
                    .addLast(new TcpDnsResponseEncoder())
                    .addLast(new TcpResponder(table));
              }
            });
  }

  /** Where it listens, over both transports. */
  public InetSocketAddress address() {
    return (InetSocketAddress) udp.localAddress();
  }

  /** Stops listening. */
  @Override
  public void close() {
    udp.close().syncUninterruptibly();
    tcp.close().syncUninterruptibly();
  }

  static final class UdpResponder extends SimpleChannelInboundHandler<DatagramDnsQuery> {
    private final Supplier<NameTable> table;

    UdpResponder(Supplier<NameTable> table) {
      this.table = table;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramDnsQuery query) {
      var response =
          new DatagramDnsResponse(
              /* sender= */ query.recipient(), /* recipient= */ query.sender(), query.id());
      var _ = ctx.writeAndFlush(DnsAnswers.fill(response, query, table.get()), ctx.voidPromise());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // a datagram that is no query: its sender gets no answer, the socket serves on
      LOG.debug("a datagram was not a DNS query: {}", cause.toString());
    }
  }

  static final class TcpResponder extends SimpleChannelInboundHandler<DnsQuery> {
    private final Supplier<NameTable> table;

    TcpResponder(Supplier<NameTable> table) {
      this.table = table;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DnsQuery query) {
      var response = new DefaultDnsResponse(query.id());
      var _ = ctx.writeAndFlush(DnsAnswers.fill(response, query, table.get()), ctx.voidPromise());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      LOG.debug(
          "a DNS connection from {} ends: {}", ctx.channel().remoteAddress(), cause.toString());
      var _ = ctx.close();
    }
  }
}
