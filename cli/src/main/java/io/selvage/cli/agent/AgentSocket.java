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
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket file in a folder of its own that only the proxy's user, and root, can get into: whoever
 * can open it is given the workload's key.
 */
final class AgentSocket implements AutoCloseable {
  /** {@code sun_path} of {@code sockaddr_un}, with its terminating zero, on Linux. */
  private static final int LONGEST = 107;

  private static final Logger LOG = LoggerFactory.getLogger(AgentSocket.class);

  private static final int PATIENCE_SECONDS = 2;
  private static final String PRIVATE = "rwx------";

  private final Path socket;
  private final List<Path> made;
  private final Server server;
  private final EventLoopGroup loops;
  private final ExecutorService calls;

  private AgentSocket(
      Path socket, List<Path> made, Server server, EventLoopGroup loops, ExecutorService calls) {
    this.socket = socket;
    this.made = made;
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
    List<Path> made = prepare(socket, user);
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
      var opened = new AgentSocket(socket, made, builder.build().start(), loops, calls);
      handOver(socket, user);
      return opened;
    } catch (IOException e) {
      calls.shutdownNow();
      var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException("the agent cannot listen at " + socket + ": " + e.getMessage(), e);
    }
  }

  /** The folders that were made, the inner one first. */
  private static List<Path> prepare(Path socket, OptionalInt user) throws IOException {
    Path folder = socket.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("the agent's socket needs a folder of its own");
    }
    if (Files.isDirectory(folder)) {
      own(folder, user);
      Files.deleteIfExists(socket);
      return List.of();
    }
    var made = new ArrayList<Path>();
    Path outer = folder.getParent();
    if (outer != null && !Files.isDirectory(outer)) {
      Files.createDirectories(outer, mode("rwx--x--x"));
      made.add(outer);
    }
    Files.createDirectory(folder, mode(PRIVATE));
    made.addFirst(folder);
    handOver(folder, user);
    return made;
  }

  /** A folder that is there, as an agent that was killed leaves it, must let in nobody else. */
  private static void own(Path folder, OptionalInt user) throws IOException {
    String permissions = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
    boolean others =
        user.isPresent() && !Files.getAttribute(folder, "unix:uid").equals(user.getAsInt());
    if (!permissions.equals(PRIVATE) || others) {
      throw new IOException(
          "%s is not for the proxy alone (%s): name a folder that is not there yet"
              .formatted(folder, permissions));
    }
  }

  private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  static void handOver(Path file, OptionalInt user) throws IOException {
    if (user.isPresent()) {
      Files.setAttribute(file, "unix:uid", user.getAsInt());
    }
  }

  @Override
  public void close() throws IOException {
    server.shutdownNow();
    try {
      if (!server.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.debug("a call at {} does not end", socket);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    calls.shutdownNow();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    Files.deleteIfExists(socket);
    Files.deleteIfExists(socket.resolveSibling(ProxyCommandLine.FILE));
    for (Path folder : made) {
      try {
        Files.delete(folder);
      } catch (IOException e) {
        LOG.debug("{} stays: {}", folder, e.toString());
      }
    }
  }
}
