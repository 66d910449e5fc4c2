package io.selvage.proxy.extauthz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.selvage.proxy.http1.HeadBuffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcCheckTest {
  private static final GrpcCheck CHECK =
      new GrpcCheck("opa.security.svc", Duration.ofSeconds(2), false);

  // ---- what is asked

  @Test
  void aRequestIsToldWithItsPeersAndItsHead() {
    HeadBuffer head = Questions.get("x-request-id: r-1", "accept: a", "accept: b");

    AttributeContext told = CHECK.request(Questions.input(head)).getAttributes();

    assertThat(told.getSource().getPrincipal()).isEqualTo(Questions.SLEEP);
    assertThat(told.getSource().getAddress().getSocketAddress().getAddress()).isEqualTo("10.0.0.7");
    assertThat(told.getSource().getAddress().getSocketAddress().getPortValue()).isEqualTo(40_000);
    assertThat(told.getDestination().getPrincipal()).isEqualTo(Questions.HTTPBIN);
    assertThat(told.getTlsSession().getSni()).isEqualTo("outbound_.8080_._.shop");
    assertThat(Timestamps.toString(told.getRequest().getTime()))
        .isEqualTo("2026-03-01T12:00:00.500Z");
    AttributeContext.HttpRequest http = told.getRequest().getHttp();
    assertThat(http.getId()).isEqualTo("r-1");
    assertThat(http.getMethod()).isEqualTo("GET");
    assertThat(http.getPath()).isEqualTo("/orders?id=7");
    assertThat(http.getHost()).isEqualTo("shop.example:8080");
    assertThat(http.getScheme()).isEqualTo("https");
    assertThat(http.getProtocol()).isEqualTo("HTTP/1.1");
    assertThat(http.getHeadersMap())
        .containsEntry(":authority", "shop.example:8080")
        .containsEntry(":method", "GET")
        .containsEntry(":path", "/orders?id=7")
        .containsEntry("accept", "a,b")
        .doesNotContainKey("host");
  }

  @Test
  void bytesThatAreNoUtf8AreReplacedAndTheProviderIsStillAsked() {
    byte[] text =
        "GET / HTTP/1.1\r\nhost: a\r\nx-name: caf\u00e9 \u00fcx\r\n\r\n"
            .getBytes(StandardCharsets.ISO_8859_1);

    CheckInput input = Questions.input(Questions.head(text));

    assertThat(CHECK.request(input).getAttributes().getRequest().getHttp().getHeadersMap())
        .containsEntry("x-name", "caf! !x");
    assertThat(CHECK.call(input).body().size()).isPositive();
  }

  @Test
  void aBodyIsTextOrBytesAndSaysWhetherItIsAll() {
    CheckInput input = Questions.input(Questions.get(), Questions.body("ab\u00ff", true));

    AttributeContext.HttpRequest text = CHECK.request(input).getAttributes().getRequest().getHttp();
    AttributeContext.HttpRequest bytes =
        new GrpcCheck("a", Duration.ZERO, true)
            .request(input)
            .getAttributes()
            .getRequest()
            .getHttp();

    assertThat(text.getBody()).isEqualTo("ab\u00ff");
    assertThat(bytes.getRawBody()).isEqualTo(ByteString.copyFromUtf8("ab\u00ff"));
    assertThat(text.getHeadersMap()).containsEntry("x-envoy-auth-partial-body", "true");
    assertThat(text.getSize()).isEqualTo(-1);
  }

  @Test
  void aClientCannotSayThatItsBodyIsPartial() {
    HeadBuffer head = Questions.get("x-envoy-auth-partial-body: false");

    assertThat(Questions.input(head).http().orElseThrow().headers())
        .doesNotContainKey("x-envoy-auth-partial-body");
  }

  @Test
  void aConnectionIsToldWithoutAnHttpPart() {
    AttributeContext told = CHECK.request(Questions.connection()).getAttributes();

    assertThat(told.hasRequest()).isFalse();
    assertThat(told.getSource().getPrincipal()).isEqualTo(Questions.SLEEP);
    assertThat(told.getDestination().getService()).isEqualTo("outbound_.8080_._.shop");
  }

  @Test
  void theCallIsOneGrpcMessageWithADeadline() {
    CheckCall call = CHECK.call(Questions.input(Questions.get()));

    assertThat(call.head().authority().toString()).isEqualTo("opa.security.svc");
    assertThat(call.head().path().toString())
        .isEqualTo("/envoy.service.auth.v3.Authorization/Check");
    assertThat(Questions.fields(call.head()))
        .contains("content-type: application/grpc", "te: trailers", "grpc-timeout: 2000m");
    assertThat(call.body().substring(0, 5).asReadOnlyByteBuffer().getInt(1))
        .isEqualTo(call.body().size() - 5);
  }

  // ---- what is answered

  @Test
  void okWithoutMoreAllows() throws UnusableAnswer {
    assertThat(CHECK.read(ok(OkHttpResponse.newBuilder())))
        .isInstanceOfSatisfying(
            Verdict.Allowed.class,
            allowed -> {
              assertThat(allowed.request()).isEqualTo(HeaderEdits.NONE);
              assertThat(allowed.failure()).isEmpty();
            });
  }

  @Test
  void headersOfAnAgreementReplaceThoseOfTheClient() throws UnusableAnswer {
    HeadBuffer head =
        Questions.get("x-user: admin", "x-team: red", "x-keep: 1", "x-drop: 1", "cookie: a=b");
    OkHttpResponse.Builder response =
        OkHttpResponse.newBuilder()
            .addHeaders(option("x-user", "alice"))
            .addHeaders(appended("x-team", "blue"))
            .addHeaders(appended("x-absent", "none"))
            .addHeaders(option("x-keep", "2", HeaderAppendAction.ADD_IF_ABSENT))
            .addHeaders(option("x-new", "3", HeaderAppendAction.ADD_IF_ABSENT))
            .addHeaders(option("x-never", "4", HeaderAppendAction.OVERWRITE_IF_EXISTS))
            .addHeaders(option("transfer-encoding", "chunked"))
            .addHeadersToRemove("X-Drop")
            .addHeadersToRemove("host")
            .addHeadersToRemove(":path")
            .addHeadersToRemove("content-length");

    allowed(ok(response)).applyTo(head);

    assertThat(Questions.fields(head))
        .containsExactlyInAnyOrder(
            "host: shop.example:8080",
            "x-user: alice",
            "x-team: red,blue",
            "x-keep: 1",
            "x-new: 3",
            "cookie: a=b");
  }

  @ParameterizedTest
  @ValueSource(strings = {":path", ":authority", ":method", "host", "Host", "a b", "", "x\r\ny"})
  void namesThatMayNotBeSetMakeTheAnswerUnusable(String name) {
    assertThatThrownBy(
            () -> CHECK.read(ok(OkHttpResponse.newBuilder().addHeaders(option(name, "v")))))
        .isInstanceOf(UnusableAnswer.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nx-admin: true", "a\nb", "a\u0000"})
  void valuesThatCouldBeALineOfTheirOwnMakeTheAnswerUnusable(String value) {
    assertThatThrownBy(
            () -> CHECK.read(ok(OkHttpResponse.newBuilder().addHeaders(option("x-a", value)))))
        .isInstanceOf(UnusableAnswer.class);
    assertThatThrownBy(
            () ->
                CHECK.read(denied(DeniedHttpResponse.newBuilder().addHeaders(option("a", value)))))
        .isInstanceOf(UnusableAnswer.class);
  }

  @Test
  void tooManyHeadersMakeTheAnswerUnusable() {
    OkHttpResponse.Builder response = OkHttpResponse.newBuilder();
    IntStream.range(0, 101).forEach(i -> response.addHeaders(option("x-" + i, "v")));

    assertThatThrownBy(() -> CHECK.read(ok(response))).isInstanceOf(UnusableAnswer.class);
  }

  @Test
  void headersForTheClientAreAddedToTheAnswer() throws UnusableAnswer {
    HeadBuffer answer = Questions.get("set-cookie: a=1");

    allowed(ok(OkHttpResponse.newBuilder().addResponseHeadersToAdd(option("set-cookie", "b=2"))))
        .response()
        .applyTo(answer);

    assertThat(Questions.fields(answer)).contains("set-cookie: a=1", "set-cookie: b=2");
  }

  @Test
  void theQueryCanBeChangedInItsEncodedForm() throws UnusableAnswer {
    HeadBuffer head = Questions.head("GET /a?x=1&y=2&x=3&z HTTP/1.1\r\nhost: a\r\n\r\n");

    allowed(
            ok(
                OkHttpResponse.newBuilder()
                    .addQueryParametersToSet(parameter("x", "9%20"))
                    .addQueryParametersToRemove("z")))
        .applyTo(head);

    assertThat(head.query().toString()).isEqualTo("?y=2&x=9%20");
    assertThatThrownBy(
            () ->
                CHECK.read(
                    ok(OkHttpResponse.newBuilder().addQueryParametersToSet(parameter("x", "a b")))))
        .isInstanceOf(UnusableAnswer.class);
  }

  @Test
  void aDenialHasItsStatusHeadersAndBody() throws UnusableAnswer {
    CheckAnswer answer =
        denied(
            DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCode(StatusCode.Found))
                .addHeaders(option("location", "https://login.example"))
                .addHeaders(option("set-cookie", "a=1"))
                .addHeaders(option("set-cookie", "b=2"))
                .addHeaders(option("content-length", "999"))
                .setBody("go there"));

    assertThat(CHECK.read(answer))
        .isInstanceOfSatisfying(
            Verdict.Denied.class,
            denied -> {
              assertThat(denied.status()).isEqualTo(302);
              assertThat(Questions.fields(denied.headers()))
                  .containsExactly(
                      "location: https://login.example", "set-cookie: a=1", "set-cookie: b=2");
              assertThat(denied.body().toStringUtf8()).isEqualTo("go there");
              assertThat(denied.details()).isEqualTo("ext_authz_denied");
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 101, 199, 600, 99_999})
  void aDenialWithoutAUsableStatusIs403(int status) throws UnusableAnswer {
    CheckAnswer answer =
        denied(
            DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(status)));

    assertThat(CHECK.read(answer))
        .isInstanceOfSatisfying(
            Verdict.Denied.class, denied -> assertThat(denied.status()).isEqualTo(403));
  }

  @Test
  void whatIsNoAnswerIsAFailure() throws UnusableAnswer {
    ByteString good = frame(CheckResponse.getDefaultInstance().toByteString());
    List<CheckAnswer> answers =
        List.of(
            new CheckAnswer(503, List.of(), ByteString.EMPTY, List.of()),
            new CheckAnswer(200, List.of(), good, List.of()),
            new CheckAnswer(200, List.of(), good, Questions.lines("grpc-status", "14")),
            new CheckAnswer(200, Questions.lines("grpc-status", "12"), ByteString.EMPTY, List.of()),
            grpcAnswer(ByteString.EMPTY),
            grpcAnswer(good.concat(good)),
            grpcAnswer(ByteString.copyFrom(new byte[] {1, 0, 0, 0, 0})),
            grpcAnswer(ByteString.copyFrom(new byte[] {0, -1, -1, -1, -1})),
            grpcAnswer(frame(ByteString.copyFrom(new byte[] {(byte) 0xff, 1, 2}))));

    for (CheckAnswer answer : answers) {
      assertThat(CHECK.read(answer)).isInstanceOf(CheckOutcome.Failed.class);
    }
  }

  // ---- answers

  private static Verdict.Allowed allowed(CheckAnswer answer) throws UnusableAnswer {
    return (Verdict.Allowed) CHECK.read(answer);
  }

  private static CheckAnswer ok(OkHttpResponse.Builder response) {
    return answer(
        CheckResponse.newBuilder().setStatus(Status.newBuilder()).setOkResponse(response).build());
  }

  private static CheckAnswer denied(DeniedHttpResponse.Builder response) {
    return answer(
        CheckResponse.newBuilder()
            .setStatus(Status.newBuilder().setCode(7))
            .setDeniedResponse(response)
            .build());
  }

  static CheckAnswer answer(CheckResponse response) {
    return grpcAnswer(frame(response.toByteString()));
  }

  private static CheckAnswer grpcAnswer(ByteString body) {
    return new CheckAnswer(200, List.of(), body, Questions.lines("grpc-status", "0"));
  }

  private static ByteString frame(ByteString message) {
    return ByteString.copyFrom(ByteBuffer.allocate(5).put((byte) 0).putInt(message.size()).flip())
        .concat(message);
  }

  private static HeaderValueOption option(String name, String value) {
    return HeaderValueOption.newBuilder().setHeader(header(name, value)).build();
  }

  private static HeaderValueOption option(String name, String value, HeaderAppendAction action) {
    return option(name, value).toBuilder().setAppendAction(action).build();
  }

  @SuppressWarnings("deprecation") // authorizers in the field still say "append"
  private static HeaderValueOption appended(String name, String value) {
    return option(name, value).toBuilder().setAppend(BoolValue.of(true)).build();
  }

  private static HeaderValue header(String name, String value) {
    return HeaderValue.newBuilder().setKey(name).setValue(value).build();
  }

  private static QueryParameter parameter(String name, String value) {
    return QueryParameter.newBuilder().setKey(name).setValue(value).build();
  }
}
