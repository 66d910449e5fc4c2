package io.selvage.it.conformance;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the client sends, {@code conformance/README.md} has the meaning of each field. In texts that
 * go on the wire each character is one byte.
 */
record Request(
    Optional<String> as,
    Certificate certificate,
    Optional<List<String>> alpn,
    Optional<String> sni,
    int port,
    Protocol protocol,
    String method,
    String path,
    String host,
    List<Header> headers,
    Optional<TokenSpec> jwt,
    List<TokenSpec> jwts,
    String from,
    Optional<String> text,
    Optional<String> raw) {

  /** The certificate that the client shows. */
  enum Certificate {
    @JsonProperty("valid")
    VALID,
    @JsonProperty("expired")
    EXPIRED,
    @JsonProperty("future")
    FUTURE,
    @JsonProperty("other-root")
    OTHER_ROOT,
    @JsonProperty("no-uri")
    NO_URI,
    @JsonProperty("two-uris")
    TWO_URIS,
    @JsonProperty("dns-as-spiffe")
    DNS_AS_SPIFFE,
    @JsonProperty("email-eku")
    EMAIL_EKU,
    @JsonProperty("none")
    NONE
  }

  /** What the client speaks. */
  enum Protocol {
    @JsonProperty("http1")
    HTTP1,
    @JsonProperty("http2")
    HTTP2,
    @JsonProperty("tcp")
    TCP;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Request {
    certificate = certificate == null ? Certificate.VALID : certificate;
    port = port == 0 ? Stage.HTTP_PORT : port;
    protocol = protocol == null ? Protocol.HTTP1 : protocol;
    method = method == null ? "GET" : method;
    path = path == null ? "/" : path;
    host = host == null ? Stage.HOST : host;
    headers = headers == null ? List.of() : List.copyOf(headers);
    jwts = jwts == null ? List.of() : List.copyOf(jwts);
    from = from == null ? Stage.CLIENT : from;
  }

  /** Whether the client begins with TLS. */
  boolean isTls() {
    return as.isPresent() || certificate == Certificate.NONE;
  }

  /** Every token, in order. */
  List<TokenSpec> tokens() {
    List<TokenSpec> all = new ArrayList<>();
    jwt.ifPresent(all::add);
    all.addAll(jwts);
    return List.copyOf(all);
  }

  /** The names that the client offers: those of Istio's sidecars with an identity. */
  List<String> offered() {
    return alpn.orElseGet(
        () ->
            as.isEmpty()
                ? List.of(protocol == Protocol.HTTP2 ? "h2" : "http/1.1")
                : switch (protocol) {
                  case HTTP1 -> List.of("istio-http/1.1", "istio", "http/1.1");
                  case HTTP2 -> List.of("istio-h2", "istio", "h2");
                  case TCP -> List.of("istio-peer-exchange", "istio");
                });
  }

  /** The name in the TLS hello; empty text for none. */
  String serverName() {
    return sni.orElseGet(() -> Stage.sni(port));
  }

  /** The same with everything that tokens add, as texts of the wire. */
  Request withTokens(TokenMint mint) {
    Request request = this;
    for (TokenSpec token : tokens()) {
      request = token.place().put(request, mint.mint(token));
    }
    return request;
  }

  Request withHeader(String name, String value) {
    List<Header> all = new ArrayList<>(headers);
    all.add(new Header(name, value));
    return with(path, all);
  }

  Request withPath(String other) {
    return with(other, headers);
  }

  private Request with(String otherPath, List<Header> otherHeaders) {
    return new Request(
        as,
        certificate,
        alpn,
        sni,
        port,
        protocol,
        method,
        otherPath,
        host,
        otherHeaders,
        Optional.empty(),
        List.of(),
        from,
        text,
        raw);
  }
}
