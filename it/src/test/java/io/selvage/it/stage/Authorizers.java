package io.selvage.it.stage;

import com.google.rpc.Status;
import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Two external authorizers, one for each protocol: who says {@code x-ext: allow} passes, and is
 * known from then on as {@code x-decided}.
 */
public final class Authorizers implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  private final HttpServer http;
  private final Server grpc;

  /** What the gRPC authorizer was asked. */
  public final Queue<CheckRequest> asked = new ConcurrentLinkedQueue<>();

  /** Both on free ports of 127.0.0.1. */
  public Authorizers() throws IOException {
    http = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
    http.createContext(
        "/",
        exchange -> {
          try (exchange) {
            boolean allowed = "allow".equals(exchange.getRequestHeaders().getFirst("x-ext"));
            exchange.getResponseHeaders().add("x-decided", "http");
            byte[] words = "not by http".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(allowed ? 200 : 403, words.length);
            exchange.getResponseBody().write(words);
          }
        });
    http.start();
    grpc =
        NettyServerBuilder.forAddress(new InetSocketAddress(LOOPBACK, 0))
            .addService(new Checks())
            .build()
            .start();
  }

  /** Where the HTTP authorizer listens. */
  public int httpPort() {
    return http.getAddress().getPort();
  }

  /** Where the gRPC authorizer listens. */
  public int grpcPort() {
    return grpc.getPort();
  }

  @Override
  public void close() {
    http.stop(0);
    grpc.shutdownNow();
  }

  private final class Checks extends AuthorizationGrpc.AuthorizationImplBase {
    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> answers) {
      asked.add(request);
      var http = request.getAttributes().getRequest().getHttp();
      boolean allowed = http.getHeadersOrDefault("x-ext", "").equals("allow");
      answers.onNext(allowed ? allowed() : denied());
      answers.onCompleted();
    }

    private CheckResponse allowed() {
      return CheckResponse.newBuilder()
          .setStatus(Status.getDefaultInstance())
          .setOkResponse(
              OkHttpResponse.newBuilder()
                  .addHeaders(
                      HeaderValueOption.newBuilder()
                          .setHeader(
                              HeaderValue.newBuilder().setKey("x-decided").setValue("grpc"))))
          .build();
    }

    private CheckResponse denied() {
      return CheckResponse.newBuilder()
          .setStatus(Status.newBuilder().setCode(7))
          .setDeniedResponse(
              DeniedHttpResponse.newBuilder()
                  .setStatus(HttpStatus.newBuilder().setCode(StatusCode.Locked))
                  .setBody("not by grpc"))
          .build();
    }
  }
}
