package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import io.selvage.proxy.http1.HeaderLine;
import java.util.List;
import java.util.Optional;

/**
 * What an authorizer has answered.
 *
 * @param status HTTP status, 200..599
 * @param headers in order
 * @param body all of it
 * @param trailers in order
 */
public record CheckAnswer(
    int status, List<HeaderLine> headers, ByteString body, List<HeaderLine> trailers) {
  /** The first value in the trailers, else in the head: an answer without body has one section. */
  Optional<String> trailer(String lowerCaseName) {
    return first(trailers, lowerCaseName).or(() -> first(headers, lowerCaseName));
  }

  private static Optional<String> first(List<HeaderLine> lines, String name) {
    return lines.stream().filter(l -> l.name().equals(name)).map(HeaderLine::value).findFirst();
  }
}
