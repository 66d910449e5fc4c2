package io.selvage.policy;

import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one HTTP request says, as the engine reads it: windows on the bytes that the codec holds.
 * The slices returned are owned by the view and valid until the next call of the same method or the
 * next request.
 */
public interface RequestView {
  /** {@code :method}. */
  ByteSlice method();

  /** {@code :authority}, as sent, port included; empty when there was none. */
  ByteSlice authority();

  /** The path after normalisation, without query and fragment. */
  ByteSlice path();

  /**
   * The {@code index}th value (from 0) of the header with this lower-case name, or null after the
   * last. {@code :path} asks for the raw request target, query included.
   */
  @Nullable ByteSlice header(String lowerCaseName, int index);

  /** The client's address by trusted hops, or null when it is the connection's own. */
  @Nullable InetAddress remoteAddress();

  /**
   * The payload of the verified JWT: JSON as maps, lists, strings, numbers and booleans; null when
   * no valid token came. {@code scope} and {@code permission} are split already.
   */
  @Nullable Map<String, ?> claims();
}
