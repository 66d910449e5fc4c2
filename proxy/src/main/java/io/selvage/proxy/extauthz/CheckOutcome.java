package io.selvage.proxy.extauthz;

import io.selvage.proxy.http1.HeaderLine;
import io.selvage.xds.resource.ExternalAuthorizer;
import java.util.List;

/** How one question ended: with a verdict, or without. */
public sealed interface CheckOutcome permits Verdict, CheckOutcome.Failed {
  /** Tells the application that nobody was asked ({@code failure_mode_allow_header_add}). */
  HeaderLine FAILURE_MODE_ALLOWED = HeaderLine.of("x-envoy-auth-failure-mode-allowed", "true");

  /**
   * The authorizer could not be asked, or could not answer.
   *
   * @param reason for the log; the client doesn't see it
   */
  record Failed(String reason) implements CheckOutcome {}

  /** What becomes of the request: a failure is what the configuration says it is. */
  default Verdict resolve(ExternalAuthorizer config) {
    return switch (this) {
      case Verdict verdict -> verdict;
      case Failed(String reason) ->
          config.failOpen()
              ? Verdict.Allowed.despite(
                  reason, HeaderEdits.of(List.of(HeaderEdit.set(FAILURE_MODE_ALLOWED))))
              : Verdict.Denied.onError(config.statusOnError(), reason);
    };
  }
}
