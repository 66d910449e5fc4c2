package io.selvage.it.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.selvage.it.stage.Until;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** grpc-java at both ends, both proxies between. */
@Tag("real")
class GrpcTest {
  @TempDir private static Path home;
  private static BackendMesh mesh;
  private static EventLoopGroup loops;
  private static ManagedChannel channel;

  @BeforeAll
  static void up() throws Exception {
    mesh = BackendMesh.up(home);
    String address = mesh.running().resolve(BackendMesh.CLIENT, "backend.backend");
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    channel =
        NettyChannelBuilder.forAddress(address, 9090)
            .overrideAuthority("backend.backend:9090")
            .eventLoopGroup(loops)
            .channelFactory(GrpcTest::inside)
            .usePlaintext()
            .build();
  }

  private static NioSocketChannel inside() {
    try {
      return mesh.running().inside(BackendMesh.CLIENT, NioSocketChannel::new);
    } catch (Exception e) {
      throw new IllegalStateException("the client's network cannot be entered", e);
    }
  }

  @AfterAll
  static void down() throws Exception {
    channel.shutdownNow();
    var _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    mesh.close();
  }

  private static String call(io.grpc.MethodDescriptor<String, String> method, String text) {
    return ClientCalls.blockingUnaryCall(
        channel, method, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS), text);
  }

  @Test
  void anUnaryCallIsAnswered() {
    assertThat(call(Echo.UNARY, "hello")).isEqualTo("hello");
  }

  @Test
  void aLargeMessageArrivesWhole() {
    String text = "0123456789".repeat(300_000);

    assertThat(call(Echo.UNARY, text)).isEqualTo(text);
  }

  @Test
  void statusAndMessageComeInTheTrailers() {
    var failure =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> call(Echo.FAILING, "this message"));

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
    assertThat(failure.getStatus().getDescription()).isEqualTo("lost: this message");
  }

  @Test
  void aServersStreamComesMessageByMessage() {
    var answers = new ArrayList<String>();
    ClientCalls.blockingServerStreamingCall(channel, Echo.COUNT, CallOptions.DEFAULT, "5000")
        .forEachRemaining(answers::add);

    assertThat(answers).hasSize(5000).startsWith("0", "1").endsWith("4999");
  }

  @Test
  void bothSidesMayTakeTurns() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    StreamObserver<String> say =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(Echo.CHAT, CallOptions.DEFAULT), listener(heard));

    for (String text : List.of("one", "two", "three")) {
      say.onNext(text);
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("re: " + text);
    }
    say.onCompleted();
    assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("the end");
  }

  private static StreamObserver<String> listener(BlockingQueue<String> heard) {
    return new StreamObserver<>() {
      @Override
      public void onNext(String text) {
        heard.add(text);
      }

      @Override
      public void onError(Throwable cause) {
        heard.add(cause.toString());
      }

      @Override
      public void onCompleted() {
        heard.add("the end");
      }
    };
  }

  @Test
  void aDeniedCallEndsWithPermissionDenied() throws Exception {
    mesh.running()
        .edit(
            "no-forbidden.yaml",
            """
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: no-forbidden, namespace: backend}
            spec:
              action: DENY
              rules: [{to: [{operation: {paths: [/it.Echo/Forbidden]}}]}]
            """);

    Status status = Until.seen("the call is denied", GrpcTest::forbidden, now -> !now.isOk());

    assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(status.getDescription()).isEqualTo("RBAC: access denied");
    assertThat(call(Echo.UNARY, "still allowed")).isEqualTo("still allowed");
  }

  private static Status forbidden() {
    try {
      call(Echo.FORBIDDEN, "please");
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }

  @Test
  void metadataGoesThroughAndTheAnswerNamesTheProxy() {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("x-some-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, -1});
    var answered = new AtomicReference<Metadata>();
    var trailers = new AtomicReference<Metadata>();
    var intercepted =
        ClientInterceptors.intercept(
            channel,
            MetadataUtils.newAttachHeadersInterceptor(headers),
            MetadataUtils.newCaptureMetadataInterceptor(answered, trailers));

    assertThat(ClientCalls.blockingUnaryCall(intercepted, Echo.UNARY, CallOptions.DEFAULT, "hello"))
        .isEqualTo("hello");
    assertThat(answered.get().get(Metadata.Key.of("server", Metadata.ASCII_STRING_MARSHALLER)))
        .isNotNull();
  }

  @Test
  void aCallThatTheClientGivesUpEndsAndTheConnectionGoesOn() {
    var call = channel.newCall(Echo.CHAT, CallOptions.DEFAULT);
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    StreamObserver<String> say = ClientCalls.asyncBidiStreamingCall(call, listener(heard));
    say.onNext("before");
    call.cancel("enough", null);

    assertThat(call(Echo.UNARY, "after")).isEqualTo("after");
  }
}
