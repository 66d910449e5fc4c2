package io.selvage.cli.agent;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.selvage.xds.server.AdsServer;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A socket file in a folder of its own that only the proxy's user, and root, can get into: whoever
 * can open it is given the workload's key.
 */
final class AgentSocket implements AutoCloseable {
  /** {@code sun_path} of {@code sockaddr_un}, with its terminating zero, on Linux. */
  private static final int LONGEST = 107;

  private final Path socket;
  private final Server server;
  private final EventLoopGroup loops;
  private final ExecutorService calls;

  private AgentSocket(Path socket, Server server, EventLoopGroup loops, ExecutorService calls) {
    this.socket = socket;
    this.server = server;
    this.loops = loops;
    this.calls = calls;
  }

  /**
   * Listens.
   *
   * @param socket what an agent left there before is removed
   * @param user who is to get in; empty: this process's
   */
  static AgentSocket open(Path socket, OptionalInt user, List<ServerServiceDefinition> services)
      throws IOException {
    if (socket.toString().length() > LONGEST) {
      throw new IOException(
          "the path %s of the agent's socket is longer than the %d bytes that a socket may have"
              .formatted(socket, LONGEST));
    }
    prepare(socket, user);
    var loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("selvage-agent-io", true), NioIoHandler.newFactory());
    var calls = Executors.newVirtualThreadPerTaskExecutor();
    try {
      var builder =
          NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
              .channelType(NioServerDomainSocketChannel.class)
              .bossEventLoopGroup(loops)
              .workerEventLoopGroup(loops)
              .withChildOption(ChannelOption.SO_KEEPALIVE, null) // gRPC's default, which TCP has
              .executor(calls)
              .maxInboundMessageSize(AdsServer.MAX_REQUEST_BYTES);
      services.forEach(builder::addService);
      var opened = new AgentSocket(socket, builder.build().start(), loops, calls);
      handOver(socket, user);
      return opened;
    } catch (IOException e) {
      calls.shutdownNow();
      var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException("the agent cannot listen at " + socket + ": " + e.getMessage(), e);
    }
  }

  private static void prepare(Path socket, OptionalInt user) throws IOException {
    Path folder = socket.toAbsolutePath().getParent();
    if (folder.getParent() != null) {
      Files.createDirectories(
          folder.getParent(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    }
    if (!Files.isDirectory(folder)) {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    handOver(folder, user);
    Files.deleteIfExists(socket);
  }

  static void handOver(Path file, OptionalInt user) throws IOException {
    if (user.isPresent()) {
      Files.setAttribute(file, "unix:uid", user.getAsInt());
    }
  }

  @Override
  public void close() throws IOException {
    server.shutdownNow();
    calls.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    Files.deleteIfExists(socket);
  }
}
