package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import io.selvage.policy.ByteSlice;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.KnownHeader;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What an authorizer is asked about: one request, or one connection.
 *
 * @param source the client
 * @param destination the workload
 * @param serverName SNI, as sent
 * @param time when the request began
 * @param http empty: the question is about a connection whose bytes are not understood
 */
public record CheckInput(
    Peer source,
    Peer destination,
    Optional<String> serverName,
    Instant time,
    Optional<Request> http) {
  /**
   * One end of the connection.
   *
   * @param address its address; resolved
   * @param principal URI SAN of its certificate ({@code spiffe://td/ns/n/sa/s}); empty on plaintext
   */
  public record Peer(InetSocketAddress address, Optional<String> principal) {}

  /**
   * The HTTP part. All text is valid Unicode: what came as something else is replaced.
   *
   * @param id {@code x-request-id}; empty when there is none
   * @param method as sent
   * @param authority as sent, port included
   * @param path with query, normalised as policy has seen it
   * @param scheme {@code http} or {@code https}
   * @param protocol {@code HTTP/1.1} or {@code HTTP/2}
   * @param headers by lower-case name, pseudo-headers included, {@code host} not; values of one
   *     name joined by commas
   * @param size bytes of the body; -1: not known
   * @param body what the authorizer gets to see of it
   */
  public record Request(
      String id,
      String method,
      String authority,
      String path,
      String scheme,
      String protocol,
      Map<String, String> headers,
      long size,
      Optional<Body> body) {
    private static final String PARTIAL_BODY = "x-envoy-auth-partial-body";

    /** Copies what is to be told of a request; {@code head} may change or go afterwards. */
    public static Request of(HeadBuffer head, boolean http2, boolean tls, Optional<Body> body) {
      String method = Text.of(head.method());
      String authority = Text.of(head.authority());
      String path = Text.of(head.path()) + Text.of(head.query());
      String scheme = tls ? "https" : "http";
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put(":authority", authority);
      headers.put(":path", path);
      headers.put(":method", method);
      headers.put(":scheme", scheme);
      addFields(head, headers);
      body.ifPresent(some -> headers.put(PARTIAL_BODY, Boolean.toString(some.partial())));
      return new Request(
          headers.getOrDefault("x-request-id", ""),
          method,
          authority,
          path,
          scheme,
          http2 ? "HTTP/2" : "HTTP/1.1",
          Map.copyOf(headers),
          size(head, body),
          body);
    }

    /** A client's own word about a partial body is not passed on. */
    private static void addFields(HeadBuffer head, Map<String, String> headers) {
      for (int i = 0; i < head.fieldCount(); i++) {
        String name = head.name(i).toString();
        if (!head.isRemoved(i) && head.known(i) != KnownHeader.HOST && !name.equals(PARTIAL_BODY)) {
          headers.merge(name, Text.of(head.value(i)), (first, next) -> first + "," + next);
        }
      }
    }

    private static long size(HeadBuffer head, Optional<Body> body) {
      if (body.isPresent() && !body.get().partial()) {
        return body.get().bytes().size();
      }
      ByteSlice length = head.first(KnownHeader.CONTENT_LENGTH, new ByteSlice());
      if (length != null) {
        return Long.parseLong(length.toString()); // the parser has let only digits through
      }
      return head.has(KnownHeader.TRANSFER_ENCODING) || body.isPresent() ? -1 : 0;
    }
  }

  /**
   * The beginning of a request's body, or all of it.
   *
   * @param partial there is more, or may be
   */
  public record Body(ByteString bytes, boolean partial) {}
}
