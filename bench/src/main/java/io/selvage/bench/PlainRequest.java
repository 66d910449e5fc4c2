package io.selvage.bench;

import io.selvage.policy.ByteSlice;
import io.selvage.policy.RequestView;
import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request whose bytes lie ready, as behind a codec; it has one header. */
record PlainRequest(
    ByteSlice method,
    ByteSlice authority,
    ByteSlice path,
    String headerName,
    ByteSlice headerValue,
    @Nullable InetAddress remoteAddress,
    @Nullable Map<String, ?> claims)
    implements RequestView {
  static PlainRequest of(String method, String authority, String path, String team) {
    return new PlainRequest(
        ByteSlice.copyOf(method),
        ByteSlice.copyOf(authority),
        ByteSlice.copyOf(path),
        "x-team",
        ByteSlice.copyOf(team),
        null,
        null);
  }

  /** The same from a client behind trusted hops, with a verified token. */
  PlainRequest from(InetAddress client, Map<String, ?> token) {
    return new PlainRequest(method, authority, path, headerName, headerValue, client, token);
  }

  @Override
  public @Nullable ByteSlice header(String lowerCaseName, int index) {
    return index == 0 && lowerCaseName.equals(headerName) ? headerValue : null;
  }
}
