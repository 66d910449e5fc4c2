package io.selvage.policy;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request as plain values: what tools that ask "would this be allowed?" decide on.
 *
 * @param method such as {@code GET}
 * @param authority host, with port if any; empty when absent
 * @param path normalised, without query
 * @param headers in order, names in any case; values are sent as UTF-8
 * @param remoteAddress the client's, when it isn't the connection's own
 * @param claims the verified token's payload
 */
public record RecordedRequest(
    String method,
    String authority,
    String path,
    List<Header> headers,
    Optional<InetAddress> remoteAddress,
    Optional<Map<String, Object>> claims) {

  /** One header line. */
  public record Header(String name, String value) {}

  public RecordedRequest {
    headers = List.copyOf(headers);
  }

  /** A request with nothing but the three. */
  public static RecordedRequest of(String method, String authority, String path) {
    return new RecordedRequest(
        method, authority, path, List.of(), Optional.empty(), Optional.empty());
  }

  /** As the engine reads it. */
  public RequestView view() {
    return new View(this);
  }

  private record View(RecordedRequest request) implements RequestView {
    @Override
    public ByteSlice method() {
      return slice(request.method);
    }

    @Override
    public ByteSlice authority() {
      return slice(request.authority);
    }

    @Override
    public ByteSlice path() {
      return slice(request.path);
    }

    @Override
    public @Nullable ByteSlice header(String lowerCaseName, int index) {
      return request.headers.stream()
          .filter(header -> header.name().toLowerCase(Locale.ROOT).equals(lowerCaseName))
          .skip(index)
          .map(header -> slice(header.value()))
          .findFirst()
          .orElse(null);
    }

    @Override
    public @Nullable InetAddress remoteAddress() {
      return request.remoteAddress.orElse(null);
    }

    @Override
    public @Nullable Map<String, ?> claims() {
      return request.claims.orElse(null);
    }

    private static ByteSlice slice(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return new ByteSlice().set(bytes, 0, bytes.length);
    }
  }
}
