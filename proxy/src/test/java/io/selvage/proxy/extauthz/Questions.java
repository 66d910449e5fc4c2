package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.selvage.policy.StringMatch;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.HttpLimits;
import io.selvage.proxy.http1.ParseStatus;
import io.selvage.proxy.http1.RequestHeadParser;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Requests, configurations and answers for tests. */
final class Questions {
  static final Instant TIME = Instant.parse("2026-03-01T12:00:00.5Z");
  static final String SLEEP = "spiffe://cluster.local/ns/sample/sa/sleep";
  static final String HTTPBIN = "spiffe://cluster.local/ns/sample/sa/httpbin";

  private Questions() {}

  static HeadBuffer head(String text) {
    return head(text.getBytes(StandardCharsets.UTF_8));
  }

  static HeadBuffer head(byte[] text) {
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    if (parser.parse(Unpooled.wrappedBuffer(text)) != ParseStatus.COMPLETE) {
      throw new IllegalArgumentException("no head: " + parser.violation());
    }
    return parser.head();
  }

  static HeadBuffer get(String... headerLines) {
    String lines = headerLines.length == 0 ? "" : String.join("\r\n", headerLines) + "\r\n";
    return head("GET /orders?id=7 HTTP/1.1\r\nhost: shop.example:8080\r\n" + lines + "\r\n");
  }

  static CheckInput input(HeadBuffer head) {
    return input(head, Optional.empty());
  }

  static CheckInput input(HeadBuffer head, Optional<CheckInput.Body> body) {
    return new CheckInput(
        new CheckInput.Peer(address("10.0.0.7", 40_000), Optional.of(SLEEP)),
        new CheckInput.Peer(address("10.0.0.9", 8080), Optional.of(HTTPBIN)),
        Optional.of("outbound_.8080_._.shop"),
        TIME,
        Optional.of(CheckInput.Request.of(head, false, true, body)));
  }

  static CheckInput connection() {
    CheckInput http = input(get());
    return new CheckInput(
        http.source(), http.destination(), http.serverName(), TIME, Optional.empty());
  }

  static Optional<CheckInput.Body> body(String text, boolean partial) {
    return Optional.of(new CheckInput.Body(ByteString.copyFromUtf8(text), partial));
  }

  static InetSocketAddress address(String ip, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(ip), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static ExternalAuthorizer grpc(boolean failOpen) {
    return authorizer(failOpen, new ExternalAuthorizer.Protocol.Grpc());
  }

  static ExternalAuthorizer http(boolean failOpen) {
    return authorizer(failOpen, http(List.of(), List.of(), List.of(), List.of()));
  }

  static ExternalAuthorizer authorizer(boolean failOpen, ExternalAuthorizer.Protocol protocol) {
    return new ExternalAuthorizer(
        "opa",
        "outbound|9191||opa.security.svc",
        Duration.ofSeconds(2),
        failOpen,
        503,
        Optional.empty(),
        protocol);
  }

  static ExternalAuthorizer.Protocol.Http http(
      List<String> include, List<String> upstream, List<String> onDeny, List<String> onAllow) {
    return new ExternalAuthorizer.Protocol.Http(
        "/check",
        matches(include),
        List.of(new ExternalAuthorizer.Header("x-asked-by", "selvage")),
        matches(upstream),
        matches(onDeny),
        matches(onAllow));
  }

  private static List<StringMatch> matches(List<String> names) {
    return names.stream()
        .map(
            name ->
                name.endsWith("*")
                    ? (StringMatch)
                        new StringMatch.Prefix(name.substring(0, name.length() - 1), true)
                    : new StringMatch.Exact(name, true))
        .toList();
  }

  static List<HeaderLine> lines(String... namesAndValues) {
    List<HeaderLine> lines = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      lines.add(HeaderLine.of(namesAndValues[i], namesAndValues[i + 1]));
    }
    return lines;
  }

  /** The fields as {@code name: value}, in order. */
  static List<String> fields(HeadBuffer head) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < head.fieldCount(); i++) {
      if (!head.isRemoved(i)) {
        fields.add(head.name(i) + ": " + head.value(i));
      }
    }
    return fields;
  }

  static List<String> fields(List<HeaderLine> lines) {
    return lines.stream().map(line -> line.name() + ": " + line.value()).toList();
  }
}
