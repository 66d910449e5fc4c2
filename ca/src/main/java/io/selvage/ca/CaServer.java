package io.selvage.ca;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.selvage.pki.PeerTrustManager;
import io.selvage.pki.WorkloadCertificate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The authority's listener: gRPC over TLS by its own serving certificate. A client certificate is
 * asked for, not demanded; one that is shown must hold.
 */
public final class CaServer implements AutoCloseable {
  private static final int MAX_MESSAGE = 64 * 1024;
  private static final int MAX_METADATA = 48 * 1024;

  private final Server server;
  private final ExecutorService calls;

  private CaServer(Server server, ExecutorService calls) {
    this.server = server;
    this.calls = calls;
  }

  /**
   * Starts to listen.
   *
   * @param address port 0 for a free one
   * @param serving asked for at each handshake, so that a renewed certificate serves at once
   * @param signing whose verifier judges client certificates
   */
  public static CaServer start(
      InetSocketAddress address,
      Supplier<WorkloadCertificate> serving,
      Supplier<SigningState> signing,
      List<? extends BindableService> services)
      throws IOException {
    return start(address, serving, signing, services, MAX_MESSAGE);
  }

  /**
   * Starts to listen, for services whose callers say more than a certificate request.
   *
   * @param largestRequest in bytes; a larger one ends its call with {@code RESOURCE_EXHAUSTED}
   */
  public static CaServer start(
      InetSocketAddress address,
      Supplier<WorkloadCertificate> serving,
      Supplier<SigningState> signing,
      List<? extends BindableService> services,
      int largestRequest)
      throws IOException {
    ServerCredentials credentials =
        TlsServerCredentials.newBuilder()
            .keyManager(new ServingKeyManager(serving))
            .trustManager(new PeerTrustManager(() -> signing.get().verifier()))
            .clientAuth(TlsServerCredentials.ClientAuth.OPTIONAL)
            .build();
    ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address, credentials)
            .directExecutor()
            .callExecutor(new ByEvidence(calls))
            .maxInboundMessageSize(largestRequest)
            .maxInboundMetadataSize(MAX_METADATA)
            .handshakeTimeout(10, TimeUnit.SECONDS)
            .permitKeepAliveTime(10, TimeUnit.SECONDS)
            .maxConnectionIdle(5, TimeUnit.MINUTES);
    services.forEach(builder::addService);
    try {
      return new CaServer(builder.build().start(), calls);
    } catch (IOException e) {
      calls.close();
      throw e;
    }
  }

  /**
   * Where a call runs: on the connection's own thread when its client certificate speaks, which is
   * computing and no waiting; on a thread of its own when a token may need keys to be fetched.
   */
  private record ByEvidence(Executor mayWait) implements ServerCallExecutorSupplier {
    @Override
    public <Q, A> @Nullable Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
      return metadata.containsKey(CaMethods.AUTHORIZATION) ? mayWait : null;
    }
  }

  /** The port listened on. */
  public int port() {
    return server.getPort();
  }

  /** Lets running calls end for up to five seconds, then stops. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    calls.shutdownNow();
  }
}
