package io.selvage.proxy.extauthz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.selvage.proxy.fuzz.FuzzTarget;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeadWriter;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.RequestHeadParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What an external authorizer answers. Allowed is only what it allowed; a request that was allowed
 * is still one request, of the same method, host, path and framing, whatever was to be changed.
 */
public final class AuthorizerAnswerTarget implements FuzzTarget {
  private static final String REQUEST =
      String.join(
          "\r\n",
          "POST /orders?id=7 HTTP/1.1",
          "host: shop.example:8080",
          "x-user: me",
          "content-length: 3",
          "",
          "");

  private final boolean grpc;
  private final CheckProtocol protocol;

  /** An authorizer of gRPC, or of HTTP. */
  public AuthorizerAnswerTarget(boolean grpc) {
    this.grpc = grpc;
    this.protocol =
        grpc
            ? new GrpcCheck("opa", Duration.ofSeconds(1), false)
            : new HttpCheck(Questions.http(List.of("*"), List.of("*"), List.of("*"), List.of("*")));
  }

  @Override
  public String name() {
    return grpc ? "ext-authz-grpc" : "ext-authz-http";
  }

  @Override
  public List<byte[]> seeds() {
    if (!grpc) {
      return List.of(
          FuzzTarget.bytes("\0x-user: you\nx-envoy-auth-headers-to-remove: x-user, host\n"),
          FuzzTarget.bytes("\0content-length: 7\ntransfer-encoding: chunked\nset-cookie: a\n"),
          FuzzTarget.bytes("\1location: /login\nwww-authenticate: Bearer\n"),
          FuzzTarget.bytes("\2"));
    }
    HeaderValueOption option =
        HeaderValueOption.newBuilder()
            .setHeader(HeaderValue.newBuilder().setKey("x-user").setValue("you"))
            .build();
    CheckResponse ok =
        CheckResponse.newBuilder()
            .setOkResponse(
                OkHttpResponse.newBuilder()
                    .addHeaders(option)
                    .addHeadersToRemove("x-user")
                    .addResponseHeadersToAdd(option)
                    .addQueryParametersToSet(
                        QueryParameter.newBuilder().setKey("a").setValue("b&c d"))
                    .addQueryParametersToRemove("id"))
            .build();
    CheckResponse denied =
        CheckResponse.newBuilder()
            .setStatus(com.google.rpc.Status.newBuilder().setCode(7))
            .setDeniedResponse(DeniedHttpResponse.newBuilder().addHeaders(option).setBody("no"))
            .build();
    return List.of(answer(0, ok), answer(0, denied), answer(1, ok), answer(2, ok), answer(3, ok));
  }

  private static byte[] answer(int how, CheckResponse response) {
    return ByteString.copyFrom(new byte[] {(byte) how})
        .concat(response.toByteString())
        .toByteArray();
  }

  @Override
  public List<String> words() {
    return grpc
        ? List.of("\n\0", "\32\2\10\1", "\r\n", "host", ":path", "content-length", "\u0000")
        : List.of("\n", ": ", "host", ":path", "content-length: 1", "x-envoy-auth-", "\r", ",");
  }

  @Override
  public void run(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    CheckAnswer answer = grpc ? grpc(input[0], rest) : http(input[0], rest);
    CheckOutcome outcome;
    try {
      outcome = protocol.read(answer);
    } catch (UnusableAnswer e) {
      return;
    }
    if (outcome instanceof Verdict.Allowed allowed) {
      assertThat(allows(answer, rest)).isTrue();
      assertThat(allowed.failure()).isEmpty();
      assertStillTheRequest(allowed);
    }
  }

  /** The first byte says whether the transport's own status is good; the rest is the message. */
  private static CheckAnswer grpc(byte how, byte[] message) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeByte(how == 3 ? 1 : 0).writeInt(message.length).writeBytes(message);
    byte[] body = new byte[frame.readableBytes()];
    frame.readBytes(body);
    return new CheckAnswer(
        how == 1 ? 503 : 200,
        List.of(),
        ByteString.copyFrom(body),
        List.of(HeaderLine.of("grpc-status", how == 2 ? "13" : "0")));
  }

  private static CheckAnswer http(byte how, byte[] rest) {
    List<HeaderLine> lines = new ArrayList<>();
    for (String line : FuzzTarget.text(rest).split("\n", -1)) {
      int colon = line.indexOf(':', 1);
      if (colon > 0) {
        line(line.substring(0, colon), line.substring(colon + 1).strip()).ifPresent(lines::add);
      }
    }
    int status = List.of(200, 403, 503, 302).get((how & 0xff) % 4);
    return new CheckAnswer(status, lines, ByteString.EMPTY, List.of());
  }

  /** Empty for what no codec hands on. */
  private static Optional<HeaderLine> line(String name, String value) {
    try {
      return Optional.of(HeaderLine.of(name, value));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean allows(CheckAnswer answer, byte[] message) {
    try {
      return answer.status() == 200
          && (!grpc
              || (answer.trailer("grpc-status").orElse("").equals("0")
                  && answer.body().byteAt(0) == 0
                  && CheckResponse.parseFrom(message).getStatus().getCode() == 0));
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  private static void assertStillTheRequest(Verdict.Allowed allowed) {
    HeadBuffer head = Questions.head(REQUEST);
    allowed.applyTo(head);
    ByteBuf out = Unpooled.buffer();
    HeadWriter.writeRequest(head, out);
    RequestHeadParser again =
        new RequestHeadParser(HttpLimits.DEFAULT.withHead(1 << 20, 1_000, 1 << 20));
    assertThat(again.parse(out)).as("%s", allowed).isEqualTo(ParseStatus.COMPLETE);
    assertThat(out.isReadable()).isFalse();
    assertThat(again.head().method()).hasToString("POST");
    assertThat(again.head().authority()).hasToString("shop.example:8080");
    assertThat(again.head().path()).hasToString("/orders");
    assertThat(again.framing()).hasToString("Fixed[length=3]");
  }
}
