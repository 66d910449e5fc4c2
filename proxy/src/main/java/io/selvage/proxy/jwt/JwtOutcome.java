package io.selvage.proxy.jwt;

import java.util.Map;

/** What came of a request's tokens. */
public sealed interface JwtOutcome {
  /** No token came, or none is looked at; the request goes on without a request principal. */
  record NoToken() implements JwtOutcome {
    static final NoToken INSTANCE = new NoToken();
  }

  /**
   * A valid token came.
   *
   * @param claims the payload, immutable, with space-delimited claims as lists
   * @param principal {@code iss/sub}
   * @param provider the rule that it holds under
   */
  record Valid(Map<String, ?> claims, String principal, String provider) implements JwtOutcome {}

  /**
   * A token came that doesn't hold; the request is answered by the proxy.
   *
   * @param status why
   * @param wwwAuthenticate value of the {@code www-authenticate} response header
   */
  record Refused(JwtStatus status, String wwwAuthenticate) implements JwtOutcome {
    /** 401 or 403. */
    public int httpStatus() {
      return status.httpStatus();
    }

    /** Envoy's text. */
    public String body() {
      return status.text();
    }

    /** {@code %RESPONSE_CODE_DETAILS%}. */
    public String details() {
      return status.details();
    }
  }
}
