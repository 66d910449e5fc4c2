package io.selvage.it.conformance;

import io.selvage.policy.ByteSlice;
import io.selvage.policy.RequestView;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A case's request as policy reads it; each character is one byte. */
record RequestFacts(Request request, String target, @Nullable Map<String, ?> claims)
    implements RequestView {
  @Override
  public ByteSlice method() {
    return slice(request.method());
  }

  @Override
  public ByteSlice authority() {
    return slice(request.host());
  }

  @Override
  public ByteSlice path() {
    return slice(target.split("\\?", 2)[0]);
  }

  @Override
  public @Nullable ByteSlice header(String lowerCaseName, int index) {
    if (lowerCaseName.equals(":path")) {
      return index == 0 ? slice(target) : null;
    }
    return request.headers().stream()
        .filter(each -> each.is(lowerCaseName))
        .skip(index)
        .map(each -> slice(each.value().strip()))
        .findFirst()
        .orElse(null);
  }

  /** A sidecar believes the last hop of {@code X-Forwarded-For}, which its peer has written. */
  @Override
  public @Nullable InetAddress remoteAddress() {
    List<String> hops =
        request.headers().stream()
            .filter(each -> each.is("x-forwarded-for"))
            .flatMap(each -> List.of(each.value().split(",", -1)).stream())
            .toList();
    if (hops.isEmpty()) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(hops.getLast().strip());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static ByteSlice slice(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new ByteSlice().set(bytes, 0, bytes.length);
  }
}
