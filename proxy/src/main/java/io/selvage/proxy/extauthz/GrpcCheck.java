package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code envoy.service.auth.v3.Authorization/Check}, one message each way.
 *
 * @param authority name of the service that is asked
 * @param timeout told to the service; zero: none
 * @param rawBody bodies go as bytes, not as text
 */
record GrpcCheck(String authority, Duration timeout, boolean rawBody) implements CheckProtocol {
  private static final String PATH = "/envoy.service.auth.v3.Authorization/Check";
  private static final HeaderLine CONTENT_TYPE = HeaderLine.of("content-type", "application/grpc");
  private static final HeaderLine TE = HeaderLine.of("te", "trailers");
  private static final int FRAME_HEAD = 5;
  private static final int FORBIDDEN = 403;

  /** "TimeoutValue: positive integer as ASCII string of at most 8 digits" (gRPC over HTTP/2). */
  private static final long MAX_MILLIS = 99_999_999;

  // ---- the question

  @Override
  public CheckCall call(CheckInput input) {
    HeadBuffer head = CheckCall.head("POST", PATH, authority);
    head.append(TE);
    head.append(CONTENT_TYPE);
    if (timeout.isPositive()) {
      long millis = Math.clamp(timeout.toMillis(), 1, MAX_MILLIS);
      head.append("grpc-timeout", millis + "m");
    }
    return new CheckCall(true, head, framed(request(input).toByteString()));
  }

  private static ByteString framed(ByteString message) {
    ByteBuffer frame = ByteBuffer.allocate(FRAME_HEAD).put((byte) 0).putInt(message.size());
    return ByteString.copyFrom(frame.flip()).concat(message);
  }

  CheckRequest request(CheckInput input) {
    AttributeContext.Builder attributes =
        AttributeContext.newBuilder()
            .setSource(peer(input.source(), service(input)))
            .setDestination(
                peer(
                    input.destination(),
                    input.http().isPresent() ? "" : input.serverName().orElse("")));
    input.serverName().ifPresent(name -> attributes.setTlsSession(session().setSni(name)));
    input
        .http()
        .ifPresent(
            http ->
                attributes.setRequest(
                    AttributeContext.Request.newBuilder()
                        .setTime(timestamp(input.time()))
                        .setHttp(http(http))));
    return CheckRequest.newBuilder().setAttributes(attributes).build();
  }

  private static AttributeContext.TLSSession.Builder session() {
    return AttributeContext.TLSSession.newBuilder();
  }

  private static String service(CheckInput input) {
    return input
        .http()
        .map(http -> http.headers().getOrDefault("x-envoy-downstream-service-cluster", ""))
        .orElse("");
  }

  private static AttributeContext.Peer peer(CheckInput.Peer from, String service) {
    InetSocketAddress address = from.address();
    SocketAddress.Builder socket =
        SocketAddress.newBuilder()
            .setAddress(address.getAddress().getHostAddress())
            .setPortValue(address.getPort());
    return AttributeContext.Peer.newBuilder()
        .setAddress(Address.newBuilder().setSocketAddress(socket))
        .setPrincipal(from.principal().orElse(""))
        .setService(service)
        .build();
  }

  private static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  private AttributeContext.HttpRequest http(CheckInput.Request from) {
    AttributeContext.HttpRequest.Builder to =
        AttributeContext.HttpRequest.newBuilder()
            .setId(from.id())
            .setMethod(from.method())
            .setHost(from.authority())
            .setPath(from.path())
            .setScheme(from.scheme())
            .setProtocol(from.protocol())
            .setSize(from.size())
            .putAllHeaders(from.headers());
    from.body().ifPresent(body -> body(body.bytes(), to));
    return to.build();
  }

  private void body(ByteString bytes, AttributeContext.HttpRequest.Builder to) {
    if (rawBody) {
      to.setRawBody(bytes);
    } else {
      to.setBody(Text.of(bytes.toByteArray(), 0, bytes.size()));
    }
  }

  // ---- the answer

  @Override
  public CheckOutcome read(CheckAnswer answer) throws UnusableAnswer {
    if (answer.status() != 200) {
      return new CheckOutcome.Failed("the authorizer answered HTTP status " + answer.status());
    }
    Optional<String> status = answer.trailer("grpc-status");
    if (status.isEmpty() || !status.get().equals("0")) {
      return new CheckOutcome.Failed(
          "the authorizer ended with grpc-status "
              + status.orElse("missing")
              + answer.trailer("grpc-message").map(message -> ": " + message).orElse(""));
    }
    Optional<ByteString> message = message(answer.body());
    if (message.isEmpty()) {
      return new CheckOutcome.Failed("the authorizer sent something else than one gRPC message");
    }
    try {
      return outcome(CheckResponse.parseFrom(message.get()));
    } catch (InvalidProtocolBufferException e) {
      return new CheckOutcome.Failed(
          "the authorizer's CheckResponse can't be read: " + e.getMessage());
    }
  }

  /** The one uncompressed message: no encoding was offered. */
  private static Optional<ByteString> message(ByteString body) {
    if (body.size() < FRAME_HEAD || body.byteAt(0) != 0) {
      return Optional.empty();
    }
    int length = body.substring(1, FRAME_HEAD).asReadOnlyByteBuffer().getInt();
    return length == body.size() - FRAME_HEAD
        ? Optional.of(body.substring(FRAME_HEAD))
        : Optional.empty();
  }

  /** "Status OK allows the request. Any other status indicates the request should be denied". */
  private static Verdict outcome(CheckResponse response) throws UnusableAnswer {
    if (response.getStatus().getCode() != 0) {
      return denied(response.getDeniedResponse());
    }
    OkHttpResponse ok = response.getOkResponse();
    HeaderRules.checkCount(ok.getHeadersCount());
    HeaderRules.checkCount(ok.getResponseHeadersToAddCount());
    List<QueryEdits.Parameter> parameters = new ArrayList<>();
    for (var parameter : ok.getQueryParametersToSetList()) {
      parameters.add(new QueryEdits.Parameter(parameter.getKey(), parameter.getValue()));
    }
    return new Verdict.Allowed(
        new HeaderEdits(
            edits(ok.getHeadersList(), HeaderEdit.Action.SET),
            HeaderRules.removals(ok.getHeadersToRemoveList())),
        QueryEdits.of(parameters, ok.getQueryParametersToRemoveList()),
        HeaderEdits.of(edits(ok.getResponseHeadersToAddList(), HeaderEdit.Action.ADD)),
        Optional.empty());
  }

  private static Verdict denied(DeniedHttpResponse response) throws UnusableAnswer {
    HeaderRules.checkCount(response.getHeadersCount());
    List<HeaderLine> headers = new ArrayList<>();
    for (HeaderValueOption option : response.getHeadersList()) {
      HeaderRules.settable(option.getHeader().getKey(), value(option)).ifPresent(headers::add);
    }
    int status = response.getStatus().getCodeValue();
    return Verdict.Denied.byAuthorizer(
        status >= 200 && status <= 599 ? status : FORBIDDEN, headers, response.getBodyBytes());
  }

  private static List<HeaderEdit> edits(List<HeaderValueOption> options, HeaderEdit.Action unsaid)
      throws UnusableAnswer {
    List<HeaderEdit> edits = new ArrayList<>();
    for (HeaderValueOption option : options) {
      HeaderEdit.Action action = action(option, unsaid);
      HeaderRules.settable(option.getHeader().getKey(), value(option))
          .ifPresent(line -> edits.add(new HeaderEdit(action, line)));
    }
    return edits;
  }

  private static String value(HeaderValueOption option) {
    ByteString raw = option.getHeader().getRawValue();
    return raw.isEmpty()
        ? option.getHeader().getValue()
        : Text.of(raw.toByteArray(), 0, raw.size());
  }

  /**
   * What is to be done; {@code unsaid} where the option says nothing, which on the wire is the same
   * as APPEND_IF_EXISTS_OR_ADD. For a request that is SET: a header that a client has sent itself
   * must not stay beside the one that replaces it.
   */
  @SuppressWarnings("deprecation") // authorizers in the field still say "append"
  private static HeaderEdit.Action action(HeaderValueOption option, HeaderEdit.Action unsaid)
      throws UnusableAnswer {
    if (option.hasAppend()) {
      return option.getAppend().getValue()
          ? unsaid == HeaderEdit.Action.SET ? HeaderEdit.Action.JOIN : HeaderEdit.Action.ADD
          : HeaderEdit.Action.SET;
    }
    return switch (option.getAppendAction()) {
      case APPEND_IF_EXISTS_OR_ADD -> unsaid;
      case ADD_IF_ABSENT -> HeaderEdit.Action.ADD_IF_ABSENT;
      case OVERWRITE_IF_EXISTS_OR_ADD -> HeaderEdit.Action.SET;
      case OVERWRITE_IF_EXISTS -> HeaderEdit.Action.SET_IF_PRESENT;
      case UNRECOGNIZED ->
          throw new UnusableAnswer(
              "the authorizer sets a header by an unknown action " + option.getAppendActionValue());
    };
  }
}
