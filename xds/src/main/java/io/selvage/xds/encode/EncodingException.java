package io.selvage.xds.encode;

/**
 * A record that no Envoy configuration can express, such as a permission that asks for the peer's
 * principal. A bug of who made the record: nothing is encoded.
 */
public final class EncodingException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  EncodingException(String message) {
    super(message);
  }
}
