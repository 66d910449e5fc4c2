package io.selvage.proxy.http1;

import java.util.Set;

/**
 * Which trailer fields go on. "A sender MUST NOT generate a trailer section unless the sender knows
 * the field is permitted" (RFC 9110 6.5.1): nothing that frames, routes, authenticates or modifies
 * the message may come behind the body, where no rule saw it.
 */
public final class TrailerRules {
  private static final Set<String> FORBIDDEN =
      Set.of(
          "age",
          "cache-control",
          "expires",
          "location",
          "max-forwards",
          "pragma",
          "proxy-authentication-info",
          "range",
          "retry-after",
          "vary",
          "warning",
          "www-authenticate");
  private static final String[] FORBIDDEN_PREFIXES = {
    "content-", "if-", "x-forwarded-", "x-envoy-", "x-istio-", "access-control-", "proxy-"
  };

  private TrailerRules() {}

  /** Removes what may not go on. */
  public static void dropForbidden(HeadBuffer trailers) {
    for (int i = 0; i < trailers.fieldCount(); i++) {
      if (trailers.known(i) != KnownHeader.OTHER || isForbidden(trailers.name(i).toString())) {
        trailers.remove(i);
      }
    }
  }

  private static boolean isForbidden(String name) {
    for (String prefix : FORBIDDEN_PREFIXES) {
      if (name.startsWith(prefix)) {
        return true;
      }
    }
    return FORBIDDEN.contains(name);
  }
}
