package io.selvage.proxy.pod;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Asks an application's gRPC health service, in plaintext as kubelet does. */
final class HealthCalls {
  private HealthCalls() {}

  /** Whether it serves; else why not. */
  static ApplicationProbe.Answer ask(ApplicationClient at, Prober.Grpc where) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress(at.application(), where.port()))
            .localSocketPicker(
                new NettyChannelBuilder.LocalSocketPicker() {
                  @Override
                  public java.net.SocketAddress createSocketAddress(
                      java.net.SocketAddress remote, io.grpc.Attributes attributes) {
                    return new InetSocketAddress(at.source(), 0);
                  }
                })
            .usePlaintext()
            .build();
    try {
      HealthCheckResponse answer =
          ClientCalls.blockingUnaryCall(
              channel,
              HealthGrpc.getCheckMethod(),
              CallOptions.DEFAULT.withDeadlineAfter(
                  where.timeout().toMillis(), TimeUnit.MILLISECONDS),
              HealthCheckRequest.newBuilder().setService(where.service()).build());
      return answer.getStatus() == HealthCheckResponse.ServingStatus.SERVING
          ? ApplicationProbe.Answer.well()
          : ApplicationProbe.Answer.failed("the application says " + answer.getStatus());
    } catch (StatusRuntimeException e) {
      return ApplicationProbe.Answer.failed(String.valueOf(e.getMessage()));
    } finally {
      channel.shutdownNow();
    }
  }
}
