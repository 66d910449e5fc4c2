package io.selvage.proxy.extauthz;

import com.google.protobuf.ByteString;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.HeaderLine;
import java.util.List;
import java.util.Optional;

/** What is to be done with a request after an external authorizer was asked. */
public sealed interface Verdict extends CheckOutcome {
  /**
   * It may go on to the policies behind CUSTOM.
   *
   * @param request changes of its head
   * @param query changes of its query
   * @param response changes of the head of its answer
   * @param failure why nobody was really asked; empty: the authorizer has agreed
   */
  record Allowed(
      HeaderEdits request, QueryEdits query, HeaderEdits response, Optional<String> failure)
      implements Verdict {
    static Allowed despite(String failure, HeaderEdits request) {
      return new Allowed(request, QueryEdits.NONE, HeaderEdits.NONE, Optional.of(failure));
    }

    /** Changes a request before anything else looks at it. */
    public void applyTo(HeadBuffer head) {
      query.applyTo(head);
      request.applyTo(head);
    }
  }

  /**
   * It is answered here; response flag UAEX. A TCP connection is closed.
   *
   * @param status 200..599
   * @param headers for the client: they replace those of the same name that an answer would have
   *     anyway; a name can come more than once
   * @param body as the authorizer wrote it
   * @param details {@code %RESPONSE_CODE_DETAILS%}
   * @param reason for the log
   */
  record Denied(
      int status, List<HeaderLine> headers, ByteString body, String details, String reason)
      implements Verdict {
    /** The authorizer said no. */
    public static final String BY_AUTHORIZER = "ext_authz_denied";

    /** It could not be asked, and the request does not pass without. */
    public static final String ON_ERROR = "ext_authz_error";

    /** The question or its answer can't be carried out. */
    public static final String INVALID = "ext_authz_invalid";

    static Denied byAuthorizer(int status, List<HeaderLine> headers, ByteString body) {
      return new Denied(status, headers, body, BY_AUTHORIZER, "the authorizer denied it");
    }

    static Denied onError(int status, String reason) {
      return new Denied(status, List.of(), ByteString.EMPTY, ON_ERROR, reason);
    }

    /** Never resolved to "allow": this is no matter of the authorizer being away. */
    static Denied invalid(String reason) {
      return new Denied(500, List.of(), ByteString.EMPTY, INVALID, reason);
    }
  }
}
