package io.selvage.proxy.jwt;

import io.selvage.policy.ByteSlice;
import io.selvage.proxy.http1.HeadBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A request of HTTP/1.1, seen as one that may carry tokens.
 *
 * @param head the head
 * @param scheme {@code http} or {@code https}
 */
public record Http1JwtRequest(HeadBuffer head, String scheme) implements JwtRequest {
  @Override
  public String method() {
    return head.method().toString();
  }

  @Override
  public String authority() {
    return head.authority().toString();
  }

  @Override
  public String path() {
    return head.path().toString();
  }

  @Override
  public String query() {
    return head.query().toString();
  }

  @Override
  public void setQuery(String query) {
    byte[] bytes = query.getBytes(StandardCharsets.ISO_8859_1);
    head.replaceQuery(bytes, 0, bytes.length);
  }

  @Override
  public @Nullable String header(String lowerCaseName, int index) {
    ByteSlice value = head.header(lowerCaseName, index);
    return value == null ? null : value.toString();
  }

  @Override
  public void removeHeader(String lowerCaseName) {
    head.remove(lowerCaseName);
  }

  @Override
  public void addHeader(String lowerCaseName, String value) {
    head.append(lowerCaseName, value);
  }
}
