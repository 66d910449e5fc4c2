package io.selvage.proxy.http1;

/**
 * Why a message was refused: RFC 9110 and 9112 as a strict recipient reads them. Each has one
 * status for the client and one response-code detail for logs, Envoy's where Envoy has one.
 *
 * <p>After any of them the connection is closed once the answer is written: where the next message
 * would begin is no longer known. When the sender was an upstream, the client gets 502 instead.
 */
public enum HttpViolation {
  MALFORMED_REQUEST_LINE(
      400, "http1.codec_error", "the request line is not METHOD SP target SP HTTP/1.1"),
  INVALID_METHOD(400, "http1.codec_error", "the method is not a token"),
  INVALID_TARGET(
      400, "http1.invalid_url", "the request target has a byte or a form that is not allowed"),
  TARGET_TOO_LONG(414, "http1.target_too_long", "the request target is longer than the limit"),
  UNSUPPORTED_VERSION(505, "http1.unsupported_version", "the protocol version is not HTTP/1.1"),
  LOW_VERSION(426, "low_version", "HTTP/1.0 is not accepted here"),
  MALFORMED_STATUS_LINE(
      400, "http1.codec_error", "the status line is not HTTP/1.x SP code SP reason"),
  UNREQUESTED_UPGRADE(
      502, "http1.unrequested_upgrade", "101 Switching Protocols to a request that asked for none"),
  BARE_CR(400, "http1.codec_error", "a carriage return without line feed"),
  BARE_LF(400, "http1.codec_error", "a line feed without carriage return"),
  INVALID_CHARACTER(400, "http1.invalid_characters", "a control byte where text was expected"),
  INVALID_HEADER_NAME(400, "http1.codec_error", "a header name is empty or not a token"),
  SPACE_IN_HEADER_NAME(400, "http1.codec_error", "white space in or after a header name"),
  OBSOLETE_FOLDING(
      400, "http1.codec_error", "a header continues on the next line, or starts with white space"),
  UNDERSCORE_IN_HEADER_NAME(400, "http1.unexpected_underscore", "a header name has an underscore"),
  HEAD_TOO_LARGE(431, "http1.headers_too_large", "the head is larger than the limit"),
  TOO_MANY_HEADERS(431, "http1.too_many_headers", "there are more headers than the limit"),
  MISSING_HOST(400, "missing_host_header", "there is no Host header"),
  DUPLICATE_HOST(400, "http1.duplicate_host", "there is more than one Host header"),
  INVALID_HOST(
      400, "http1.invalid_authority", "the host is not a name or address with an optional port"),
  HOST_MISMATCH(
      400, "http1.host_mismatch", "the Host header and the target name different authorities"),
  CONTENT_LENGTH_AND_TRANSFER_ENCODING(
      400,
      "http1.content_length_and_chunked_not_allowed",
      "both Content-Length and Transfer-Encoding"),
  DUPLICATE_CONTENT_LENGTH(400, "http1.duplicate_content_length", "more than one Content-Length"),
  INVALID_CONTENT_LENGTH(
      400, "http1.invalid_content_length", "Content-Length is not a decimal number"),
  UNSUPPORTED_TRANSFER_ENCODING(
      501, "http1.invalid_transfer_encoding", "Transfer-Encoding is not exactly chunked"),
  TRANSFER_ENCODING_IN_HTTP10(
      400, "http1.transfer_encoding_not_allowed", "Transfer-Encoding in an HTTP/1.0 message"),
  BODY_NOT_ALLOWED(400, "http1.body_disallowed", "CONNECT with a body"),
  INVALID_CHUNK_SIZE(400, "http1.codec_error", "a chunk size is not a short hexadecimal number"),
  INVALID_CHUNK_EXTENSION(400, "http1.codec_error", "chunk extensions are malformed or too long"),
  INVALID_CHUNK_END(400, "http1.codec_error", "chunk data is not followed by CR LF"),
  BODY_TOO_LARGE(413, "request_payload_too_large", "the body is larger than the limit"),
  TRAILERS_TOO_LARGE(431, "http1.trailers_too_large", "the trailers are larger than the limit"),
  INVALID_PATH_ENCODING(
      400, "path_normalization_failed", "the path has an encoding that is not allowed");

  private final int status;
  private final String details;
  private final String cause;

  HttpViolation(int status, String details, String cause) {
    this.status = status;
    this.details = details;
    this.cause = cause;
  }

  /** The status that a client gets for it. */
  public int status() {
    return status;
  }

  /** {@code %RESPONSE_CODE_DETAILS%}. */
  public String details() {
    return details;
  }

  /** What was wrong, as a clause in English for logs. */
  public String cause() {
    return cause;
  }
}
