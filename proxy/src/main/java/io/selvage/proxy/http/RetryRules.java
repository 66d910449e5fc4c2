package io.selvage.proxy.http;

import io.selvage.policy.ByteSlice;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.upstream.UpstreamFailure;
import io.selvage.xds.resource.RouteConfiguration.RetryPolicy;

/** Which outcomes a retry policy answers with another try. */
final class RetryRules {
  private RetryRules() {}

  /** Whether a failure is one of those. */
  static boolean onFailure(RetryPolicy policy, UpstreamFailure failure) {
    return switch (failure.kind()) {
      case CONNECT_FAILED, CONNECT_TIMEOUT, TLS_FAILED ->
          has(policy, "connect-failure") || resets(policy, failure);
      case STREAM_REFUSED -> has(policy, "refused-stream") || resets(policy, failure);
      case CLOSED, STREAM_RESET -> resets(policy, failure);
      case NO_ENDPOINT, OVERFLOW, MALFORMED, TIMEOUT -> false;
    };
  }

  private static boolean resets(RetryPolicy policy, UpstreamFailure failure) {
    return has(policy, "reset") || (!failure.requestSent() && has(policy, "reset-before-request"));
  }

  /** Whether an answer is one of those. */
  static boolean onResponse(RetryPolicy policy, HeadBuffer head) {
    if (has(policy, "retriable-status-codes")
        && policy.retriableStatusCodes().contains(head.status())) {
      return true;
    }
    ByteSlice grpc = head.header("grpc-status", 0);
    if (grpc == null) {
      return false;
    }
    return switch (grpc.toString()) {
      case "14" -> has(policy, "unavailable");
      case "1" -> has(policy, "cancelled");
      default -> false;
    };
  }

  private static boolean has(RetryPolicy policy, String condition) {
    return policy.retryOn().contains(condition);
  }
}
