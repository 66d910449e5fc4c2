package io.selvage.proxy.http1;

import io.selvage.xds.resource.NetworkStack;

/**
 * How much of a message is accepted, and two choices that Envoy leaves to configuration.
 *
 * @param headBytes bytes of start line and headers with their line ends; at least 64
 * @param headers number of header fields in a head, or of trailer fields in a body
 * @param targetBytes bytes of the request target
 * @param trailerBytes bytes of a trailer section
 * @param bodyBytes bytes of data in one request body
 * @param underscores what becomes of header names with an underscore
 * @param http10 whether HTTP/1.0 requests are served; Envoy answers 426 unless told
 */
public record HttpLimits(
    int headBytes,
    int headers,
    int targetBytes,
    int trailerBytes,
    long bodyBytes,
    Underscores underscores,
    boolean http10) {
  /** Envoy's defaults: 60 KiB, 100 headers, any body. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(60 * 1024, 100, 60 * 1024, 8 * 1024, Long.MAX_VALUE, Underscores.ALLOW, false);

  /**
   * What becomes of header names with an underscore, which some applications read as a hyphen
   * ({@code headers_with_underscores_action}).
   */
  public enum Underscores {
    ALLOW,
    /** The field is dropped before anything sees it. */
    DROP,
    REJECT
  }

  /** What a listener is configured with; the rest as in {@link #DEFAULT}. */
  public static HttpLimits of(NetworkStack.HttpLimits configured) {
    int headBytes = configured.maxRequestHeadersKiB() * 1024;
    return DEFAULT.withHead(headBytes, configured.maxHeaders(), headBytes);
  }

  /** These limits with another choice for underscores. */
  public HttpLimits withUnderscores(Underscores choice) {
    return new HttpLimits(headBytes, headers, targetBytes, trailerBytes, bodyBytes, choice, http10);
  }

  /** These limits, serving HTTP/1.0 or not. */
  public HttpLimits withHttp10(boolean accepted) {
    return new HttpLimits(
        headBytes, headers, targetBytes, trailerBytes, bodyBytes, underscores, accepted);
  }

  /** These limits with other sizes of head, target and count of headers. */
  public HttpLimits withHead(int headBytes, int headers, int targetBytes) {
    return new HttpLimits(
        headBytes, headers, targetBytes, trailerBytes, bodyBytes, underscores, http10);
  }

  /** These limits with another largest body, in bytes. */
  public HttpLimits withBodyBytes(long bodyBytes) {
    return new HttpLimits(
        headBytes, headers, targetBytes, trailerBytes, bodyBytes, underscores, http10);
  }
}
