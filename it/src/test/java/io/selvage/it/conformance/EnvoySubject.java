package io.selvage.it.conformance;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.selvage.it.envoy.EnvoyProcess;
import io.selvage.it.stage.MeshName;
import io.selvage.it.stage.RunningMesh;
import io.selvage.pki.Pem;
import io.selvage.pki.TrustBundle;
import io.selvage.xds.bootstrap.SidecarBootstrap;
import io.selvage.xds.resource.Secret;
import io.selvage.xds.resource.TlsSettings;
import io.selvage.xds.server.AdsServer;
import io.selvage.xds.server.EncodedResource;
import io.selvage.xds.server.NodeAuthenticator;
import io.selvage.xds.server.NodeSnapshot;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An unchanged Envoy under our control plane, through sockets. */
final class EnvoySubject implements Subject {
  private static final int ADMIN = 15000;

  private final SelvageStage stage;
  private final EnvoyProcess envoy;

  /**
   * Starts it.
   *
   * @param folder an empty one that everybody may pass through
   */
  EnvoySubject(Path folder, TokenMint mint) throws Exception {
    stage = new SelvageStage(MeshName.of("envoy"), folder, mint);
    try {
      Path socket = folder.resolve("agent.sock");
      serve(socket);
      Path bootstrap = folder.resolve("envoy.json");
      Files.writeString(
          bootstrap,
          new SidecarBootstrap(
                  SelvagePlane.NODE,
                  "server.foo",
                  SelvagePlane.METADATA,
                  socket,
                  socket,
                  new InetSocketAddress(RunningMesh.loopback(), ADMIN),
                  Optional.empty(),
                  SidecarBootstrap.Variant.DELTA)
              .json());
      envoy = stage.add(EnvoyProcess.in(stage.network().server(), folder, bootstrap));
    } catch (Throwable e) {
      stage.close();
      throw e;
    }
  }

  /** Configuration and secrets at one socket file, which is in no network namespace. */
  private void serve(Path socket) throws Exception {
    var secrets =
        NodeSnapshot.of(
            List.of(
                EncodedResource.of(
                    new Secret.Certificate(
                        TlsSettings.WORKLOAD_CERTIFICATE, stage.authority().server())),
                EncodedResource.of(
                    new Secret.Validation(
                        TlsSettings.TRUST_BUNDLE,
                        TrustBundle.parse(Pem.of(stage.authority().root()))))));
    var sds =
        new AdsServer(
            _ -> secrets,
            NodeAuthenticator.trusting(),
            InstantSource.system(),
            Runnable::run,
            new AdsServer.Options(true, 8));
    var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    stage.add(
        () -> {
          var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        });
    var server =
        NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .channelType(NioServerDomainSocketChannel.class)
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null) // gRPC's default, which TCP has
            .addService(stage.plane().ads())
            .addService(sds.secretService())
            .build()
            .start();
    stage.add(server::shutdownNow);
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
  }

  @Override
  public SubjectName name() {
    return SubjectName.ENVOY_SELVAGE;
  }

  @Override
  public Optional<String> cannot(CaseSet set, Case one) {
    return Optional.empty();
  }

  @Override
  public void apply(CaseSet set) throws Exception {
    try {
      stage.apply(set);
    } catch (Exception | AssertionError e) {
      throw new AssertionError("Envoy's log:\n" + tail(envoy.log()), e);
    }
  }

  private static String tail(String log) {
    return log.substring(Math.max(0, log.length() - 1500));
  }

  @Override
  public Outcome ask(Case one) throws Exception {
    return stage.ask(one);
  }

  @Override
  public void close() {
    stage.close();
  }
}
