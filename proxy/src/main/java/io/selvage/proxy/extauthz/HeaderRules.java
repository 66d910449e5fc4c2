package io.selvage.proxy.extauthz;

import io.selvage.proxy.http1.HeaderLine;
import io.selvage.proxy.http1.HttpLimits;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which headers an authorizer may touch. What frames a message belongs to the proxy alone: such a
 * field is left out without a word, since an HTTP authorizer's answer has its own. What can't be
 * carried out and would change the meaning of the request makes the whole answer unusable: a
 * request that goes on without the header that was to replace a client's own is not the one that
 * was allowed.
 */
final class HeaderRules {
  private static final Set<String> FRAMING =
      Set.of(
          "connection",
          "content-length",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private HeaderRules() {}

  /**
   * A header that an authorizer wants to be set; empty: it is left out.
   *
   * @throws UnusableAnswer if the name is a pseudo-header, {@code host} or no token, or the value
   *     has a control byte
   */
  static Optional<HeaderLine> settable(String name, String value) throws UnusableAnswer {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.startsWith(":") || lower.equals("host")) {
      throw new UnusableAnswer("an authorizer may not set " + lower);
    }
    if (FRAMING.contains(lower)) {
      return Optional.empty();
    }
    try {
      return Optional.of(HeaderLine.of(lower, value));
    } catch (IllegalArgumentException e) {
      throw new UnusableAnswer("the authorizer sets a malformed header: " + e.getMessage());
    }
  }

  /** Whether a header of this lower-case name may be taken off a request. */
  static boolean isRemovable(String lowerCaseName) {
    return !lowerCaseName.startsWith(":")
        && !lowerCaseName.equals("host")
        && !FRAMING.contains(lowerCaseName);
  }

  /** Those of {@code names} that may be taken off, in lower case. */
  static List<String> removals(List<String> names) {
    return names.stream()
        .map(name -> name.strip().toLowerCase(Locale.ROOT))
        .filter(name -> !name.isEmpty() && isRemovable(name))
        .toList();
  }

  /** More than any message may have is too many. */
  static void checkCount(int headers) throws UnusableAnswer {
    if (headers > HttpLimits.DEFAULT.headers()) {
      throw new UnusableAnswer("the authorizer sets " + headers + " headers");
    }
  }
}
