package io.selvage.proxy.http;

import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.jwt.Http1JwtRequest;
import io.selvage.proxy.jwt.JwtAuthentication;
import io.selvage.proxy.jwt.JwtOutcome;
import io.selvage.proxy.telemetry.RequestRecord;
import io.selvage.xds.resource.HttpFilter;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Checks the tokens that a request brings, and edits the request as the rules say. */
@FunctionalInterface
interface TokenCheck {
  /** Looks at no token. */
  TokenCheck NONE = (head, record, tls) -> null;

  /** The check that these filters ask for, one after another. */
  static TokenCheck of(List<HttpFilter.JwtAuthentication> filters, InstantSource clock) {
    TokenCheck all = NONE;
    for (HttpFilter.JwtAuthentication filter : filters) {
      TokenCheck before = all;
      TokenCheck next = of(JwtAuthentication.compile(filter, clock));
      all =
          (head, record, tls) -> {
            LocalReply bad = before.check(head, record, tls);
            return bad != null ? bad : next.check(head, record, tls);
          };
    }
    return all;
  }

  private static TokenCheck of(JwtAuthentication authentication) {
    return (head, record, tls) ->
        switch (authentication.authenticate(new Http1JwtRequest(head, tls ? "https" : "http"))) {
          case JwtOutcome.NoToken _ -> null;
          case JwtOutcome.Valid valid -> {
            head.setClaims(valid.claims());
            record.tokenSubject(valid.principal());
            yield null;
          }
          case JwtOutcome.Refused refused ->
              new LocalReply(
                  refused.httpStatus(),
                  refused.body(),
                  List.of(new LocalReply.Field("www-authenticate", refused.wwwAuthenticate())),
                  Optional.empty(),
                  refused.details());
        };
  }

  /**
   * The answer for a request whose token is bad; null: it goes on, with claims if it had a token.
   *
   * @param tls the request came encrypted
   */
  @Nullable LocalReply check(HeadBuffer head, RequestRecord record, boolean tls);
}
