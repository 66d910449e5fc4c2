package io.selvage.proxy.http;

import io.selvage.policy.ByteSlice;
import io.selvage.proxy.http1.HeadBuffer;
import io.selvage.proxy.http1.KnownHeader;
import io.selvage.proxy.telemetry.RequestRecord;

/** What tells gRPC from other requests, and which requests may be sent twice. */
final class GrpcRequests {
  private static final String CONTENT_TYPE = "application/grpc";

  private GrpcRequests() {}

  /** Whether the client expects its answer's status in {@code grpc-status}. */
  static boolean is(HeadBuffer head) {
    int index = head.first(KnownHeader.CONTENT_TYPE);
    if (index < 0) {
      return false;
    }
    ByteSlice value = head.value(index);
    if (value.length() < CONTENT_TYPE.length()) {
      return false;
    }
    for (int i = 0; i < CONTENT_TYPE.length(); i++) {
      if (value.byteAt(i) != CONTENT_TYPE.charAt(i)) {
        return false;
      }
    }
    return value.length() == CONTENT_TYPE.length()
        || value.byteAt(CONTENT_TYPE.length()) == '+'
        || value.byteAt(CONTENT_TYPE.length()) == ';';
  }

  /** Notes the {@code grpc-status} of an answer's head or trailers. */
  static void status(HeadBuffer head, RequestRecord record) {
    ByteSlice status = head.header("grpc-status", 0);
    if (status != null && status.length() > 0 && status.length() <= 2) {
      int code = 0;
      for (int i = 0; i < status.length(); i++) {
        int digit = status.byteAt(i) - '0';
        if (digit < 0 || digit > 9) {
          return;
        }
        code = code * 10 + digit;
      }
      record.grpcStatus(code);
    }
  }

  /** "Safe" of RFC 9110 9.2.1: sending it twice does no harm. */
  static boolean isSafe(HeadBuffer head) {
    return head.isMethod("GET") || head.isMethod("HEAD") || head.isMethod("OPTIONS");
  }
}
