package io.selvage.proxy.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.selvage.policy.ByteSlice;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.proxy.http1.TrailerRules;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Heads between HTTP/2's fields and the one form that policy, routing and HTTP/1.1 work on. A head
 * that came by HTTP/2 is spelt out and read by the very parser that reads HTTP/1.1, so what is
 * refused there is refused here; before that, everything is refused that could spell something else
 * than it is (RFC 9113 8.2.1, 8.2.2).
 */
public final class Http2Heads {
  /** A head that no HTTP/2 peer may send; its stream is reset. */
  public static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }

  private static final AsciiString HTTPS = AsciiString.cached("https");
  private static final AsciiString HTTP = AsciiString.cached("http");
  private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] HOST = "host: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COOKIE = "cookie: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] STATUS = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COLON = ": ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] LINE_END = "\r\n".getBytes(StandardCharsets.US_ASCII);

  private Http2Heads() {}

  // ---- from the one form to HTTP/2

  /** A request's fields. */
  public static Http2Headers request(HeadBuffer head, boolean tls) {
    Http2Headers headers = new DefaultHttp2Headers(false, head.fieldCount() + 4);
    headers.method(text(head.method())).scheme(tls ? HTTPS : HTTP);
    headers.authority(text(head.authority()));
    headers.path(text(head.path()).concat(text(head.query())));
    return fields(head, headers);
  }

  /** A response's fields. */
  public static Http2Headers response(HeadBuffer head) {
    Http2Headers headers = new DefaultHttp2Headers(false, head.fieldCount() + 1);
    headers.status(AsciiString.of(Integer.toString(head.status())));
    return fields(head, headers);
  }

  /** The fields of a trailer section. */
  public static Http2Headers trailers(HeadBuffer trailers) {
    return fields(trailers, new DefaultHttp2Headers(false, trailers.fieldCount()));
  }

  private static Http2Headers fields(HeadBuffer head, Http2Headers into) {
    for (int i = 0; i < head.fieldCount(); i++) {
      if (!head.isRemoved(i) && !isHttp1Only(head.known(i))) {
        into.add(text(head.name(i)), text(head.value(i)));
      }
    }
    return into;
  }

  private static boolean isHttp1Only(KnownHeader header) {
    return switch (header) {
      case HOST, TRANSFER_ENCODING, CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, UPGRADE -> true;
      default -> false;
    };
  }

  private static AsciiString text(ByteSlice slice) {
    return new AsciiString(slice.array(), slice.start(), slice.length(), true);
  }

  // ---- from HTTP/2 to the one form

  /** A request, spelt out; the caller releases it. */
  public static ByteBuf requestText(Http2Headers headers, ByteBufAllocator alloc) throws Malformed {
    CharSequence method = headers.method();
    CharSequence path = headers.path();
    if (method == null
        || headers.contains(":protocol")
        || AsciiString.contentEquals("CONNECT", method)) {
      throw new Malformed("CONNECT is not served over HTTP/2");
    }
    if (headers.scheme() == null || path == null || path.isEmpty()) {
      throw new Malformed("a request without :scheme or :path");
    }
    if (path.charAt(0) != '/' && !AsciiString.contentEquals("*", path)) {
      throw new Malformed("a :path that does not begin with a slash");
    }
    ByteBuf out = alloc.heapBuffer(1024);
    try {
      write(out, checkedVisible(method)).writeByte(' ');
      write(out, checkedVisible(path)).writeBytes(VERSION);
      CharSequence authority = authority(headers);
      if (authority != null) {
        write(out.writeBytes(HOST), checkedVisible(authority)).writeBytes(LINE_END);
      }
      fields(headers, out, true);
      return out.writeBytes(LINE_END);
    } catch (Malformed e) {
      out.release();
      throw e;
    }
  }

  /** "If the Host header field is present, it MUST have the same value" (RFC 9113 8.3.1). */
  private static @Nullable CharSequence authority(Http2Headers headers) throws Malformed {
    CharSequence authority = headers.authority();
    for (CharSequence host : headers.getAll("host")) {
      if (authority == null) {
        authority = host;
      } else if (!AsciiString.contentEqualsIgnoreCase(authority, host)) {
        throw new Malformed(":authority and host differ");
      }
    }
    return authority;
  }

  /** A response, spelt out; the caller releases it. */
  public static ByteBuf responseText(Http2Headers headers, ByteBufAllocator alloc)
      throws Malformed {
    CharSequence status = headers.status();
    if (status == null || status.length() != 3) {
      throw new Malformed("a response without :status");
    }
    ByteBuf out = alloc.heapBuffer(1024);
    try {
      write(out.writeBytes(STATUS), checkedVisible(status)).writeByte(' ');
      fields(headers, out.writeBytes(LINE_END), false);
      return out.writeBytes(LINE_END);
    } catch (Malformed e) {
      out.release();
      throw e;
    }
  }

  /** A trailer section, without the fields that no trailer may have. */
  public static HeadBuffer trailers(Http2Headers headers) throws Malformed {
    HeadBuffer trailers = new HeadBuffer();
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      checkName(field.getKey());
      checkValue(field.getValue());
      try {
        trailers.append(field.getKey().toString(), field.getValue().toString());
      } catch (IllegalArgumentException e) {
        throw new Malformed("a trailer that no message may have");
      }
    }
    TrailerRules.dropForbidden(trailers);
    return trailers;
  }

  private static void fields(Http2Headers headers, ByteBuf out, boolean request) throws Malformed {
    boolean cookies = false;
    for (Map.Entry<CharSequence, CharSequence> field : headers) {
      CharSequence name = field.getKey();
      if (name.length() > 0 && name.charAt(0) == ':') {
        checkPseudo(name, request);
        continue;
      }
      checkName(name);
      checkValue(field.getValue());
      checkConnectionSpecific(name, field.getValue());
      if (request && AsciiString.contentEquals("cookie", name)) {
        cookies = true;
      } else if (!request || !AsciiString.contentEquals("host", name)) {
        write(write(out, name).writeBytes(COLON), field.getValue()).writeBytes(LINE_END);
      }
    }
    if (cookies) {
      cookies(headers, out);
    }
  }

  /** "If there are multiple Cookie header fields, these MUST be concatenated" (8.2.3). */
  private static void cookies(Http2Headers headers, ByteBuf out) {
    out.writeBytes(COOKIE);
    String separator = "";
    for (CharSequence crumb : headers.getAll("cookie")) {
      write(write(out, separator), crumb);
      separator = "; ";
    }
    out.writeBytes(LINE_END);
  }

  /** "Endpoints MUST NOT generate pseudo-header fields other than those defined" (8.3). */
  private static void checkPseudo(CharSequence name, boolean request) throws Malformed {
    boolean known =
        request
            ? switch (name.toString()) {
              case ":method", ":scheme", ":path", ":authority" -> true;
              default -> false;
            }
            : AsciiString.contentEquals(":status", name);
    if (!known) {
      throw new Malformed("the pseudo-header " + name);
    }
  }

  private static void checkConnectionSpecific(CharSequence name, CharSequence value)
      throws Malformed {
    switch (name.toString()) {
      case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade" ->
          throw new Malformed("the connection-specific field " + name);
      case "te" -> {
        if (!AsciiString.contentEqualsIgnoreCase("trailers", value)) {
          throw new Malformed("te other than trailers");
        }
      }
      default -> {}
    }
  }

  private static void checkName(CharSequence name) throws Malformed {
    boolean good = name.length() > 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      good &= c > ' ' && c < 0x7f && c != ':' && (c < 'A' || c > 'Z');
    }
    if (!good) {
      throw new Malformed("a field name that is no lower-case token");
    }
  }

  private static void checkValue(CharSequence value) throws Malformed {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
        throw new Malformed("a control character in a field value");
      }
    }
  }

  private static CharSequence checkedVisible(CharSequence text) throws Malformed {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c == 0x7f || c > 0xff) {
        throw new Malformed("white space or a control character in a pseudo-header");
      }
    }
    return text;
  }

  private static ByteBuf write(ByteBuf out, CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      out.writeByte(text.charAt(i));
    }
    return out;
  }
}
