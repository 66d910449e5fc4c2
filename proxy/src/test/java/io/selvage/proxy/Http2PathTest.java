package io.selvage.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.selvage.policy.Authorization;
import io.selvage.policy.RbacPolicy;
import io.selvage.xds.resource.Cluster.UpstreamProtocol;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class Http2PathTest {
  private static final MethodDescriptor.Marshaller<String> TEXT =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(String value) {
          return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
          try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };
  private static final MethodDescriptor<String, String> ECHO =
      method("Echo", MethodDescriptor.MethodType.UNARY);
  private static final MethodDescriptor<String, String> FAIL =
      method("Fail", MethodDescriptor.MethodType.UNARY);
  private static final MethodDescriptor<String, String> TALK =
      method("Talk", MethodDescriptor.MethodType.BIDI_STREAMING);

  private Server backend;

  private static MethodDescriptor<String, String> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<String, String>newBuilder(TEXT, TEXT)
        .setType(type)
        .setFullMethodName("test.Echo/" + name)
        .build();
  }

  @BeforeEach
  void startBackend() throws IOException {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("test.Echo")
            .addMethod(
                ECHO,
                ServerCalls.asyncUnaryCall(
                    (request, answer) -> {
                      answer.onNext("echo " + request);
                      answer.onCompleted();
                    }))
            .addMethod(
                FAIL,
                ServerCalls.asyncUnaryCall(
                    (request, answer) ->
                        answer.onError(
                            Status.NOT_FOUND.withDescription("no " + request).asException())))
            .addMethod(TALK, ServerCalls.asyncBidiStreamingCall(Http2PathTest::talk))
            .build();
    backend =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .maxInboundMessageSize(64 * 1024 * 1024)
            .addService(service)
            .build()
            .start();
  }

  private static StreamObserver<String> talk(StreamObserver<String> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String value) {
        answer.onNext("heard " + value);
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        answer.onCompleted();
      }
    };
  }

  @AfterEach
  void stopBackend() throws InterruptedException {
    backend.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
  }

  private ManagedChannel channel(TestMesh mesh) {
    return NettyChannelBuilder.forAddress(mesh.entry())
        .usePlaintext()
        .maxInboundMessageSize(64 * 1024 * 1024)
        .build();
  }

  private TestMesh mesh(Authorization authorization) throws Exception {
    return TestMesh.start(
        backend.getPort(),
        TestMesh.Options.PLAIN
            .with(authorization)
            .http2(UpstreamProtocol.HTTP2, UpstreamProtocol.HTTP2));
  }

  @Test
  void carriesGrpcWithItsTrailers() throws Exception {
    try (TestMesh mesh = mesh(Authorization.NONE)) {
      ManagedChannel channel = channel(mesh);
      try {
        for (int i = 0; i < 20; i++) {
          assertThat(ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, "n" + i))
              .isEqualTo("echo n" + i);
        }
        String large = "x".repeat(5_000_000);
        assertThat(ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, large))
            .isEqualTo("echo " + large);
        assertThatThrownBy(
                () -> ClientCalls.blockingUnaryCall(channel, FAIL, CallOptions.DEFAULT, "luck"))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> {
                  assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
                  assertThat(e.getStatus().getDescription()).isEqualTo("no luck");
                });
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void carriesStreamsBothWaysAtOnce() throws Exception {
    try (TestMesh mesh = mesh(Authorization.NONE)) {
      ManagedChannel channel = channel(mesh);
      try {
        List<String> heard = new ArrayList<>();
        var call = ClientCalls.blockingBidiStreamingCall(channel, TALK, CallOptions.DEFAULT);
        for (int i = 0; i < 5; i++) {
          call.write("w" + i);
          heard.add(call.read());
        }
        call.halfClose();
        assertThat(call.read()).isNull();
        assertThat(heard)
            .containsExactly("heard w0", "heard w1", "heard w2", "heard w3", "heard w4");
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void deniesInTheShapeOfGrpc() throws Exception {
    Authorization denyAll =
        new Authorization(
            List.of(
                new Authorization.Stage.Rbac(
                    Optional.of(new RbacPolicy.RuleSet(RbacPolicy.Action.ALLOW, List.of())),
                    Optional.empty())));
    try (TestMesh mesh = mesh(denyAll)) {
      ManagedChannel channel = channel(mesh);
      try {
        assertThatThrownBy(
                () -> ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, "x"))
            .isInstanceOfSatisfying(
                StatusRuntimeException.class,
                e -> {
                  assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
                  assertThat(e.getStatus().getDescription()).isEqualTo("RBAC: access denied");
                  Metadata trailers = Status.trailersFromThrowable(e);
                  assertThat(trailers).isNotNull();
                });
      } finally {
        channel.shutdownNow();
      }
    }
  }
}
