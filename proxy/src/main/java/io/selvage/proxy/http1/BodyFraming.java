package io.selvage.proxy.http1;

/** Where a message's body ends: RFC 9112 section 6.3, decided once from the head. */
public sealed interface BodyFraming {
  /** There is no body. */
  BodyFraming NONE = new None();

  /** The body is in chunks. */
  BodyFraming CHUNKED = new Chunked();

  /** The body is everything until the sender closes; responses only. */
  BodyFraming UNTIL_CLOSE = new UntilClose();

  /** After this head the connection is no longer HTTP: CONNECT, or an upgrade that was accepted. */
  BodyFraming TUNNEL = new Tunnel();

  /** See {@link #NONE}. */
  record None() implements BodyFraming {}

  /**
   * A body of known length.
   *
   * @param length bytes, more than 0
   */
  record Fixed(long length) implements BodyFraming {}

  /** See {@link #CHUNKED}. */
  record Chunked() implements BodyFraming {}

  /** See {@link #UNTIL_CLOSE}. */
  record UntilClose() implements BodyFraming {}

  /** See {@link #TUNNEL}. */
  record Tunnel() implements BodyFraming {}
}
