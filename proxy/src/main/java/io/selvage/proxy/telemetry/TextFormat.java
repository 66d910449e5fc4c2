package io.selvage.proxy.telemetry;

import java.util.List;

/** A line of text by an Envoy format string. */
public final class TextFormat implements LogFormat {
  /** What Istio logs when nothing else is configured. */
  static final String ISTIO_DEFAULT =
      "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
          + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%"
          + " %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\""
          + " %BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
          + " \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\""
          + " \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER%"
          + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
          + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

  private final List<LogField> fields;

  private TextFormat(List<LogField> fields) {
    this.fields = fields;
  }

  /** Istio's default. */
  public static TextFormat istioDefault() {
    return parse(ISTIO_DEFAULT);
  }

  /**
   * A format of one's own; lines end only where it says so.
   *
   * @throws LogFormatException if an operator is not known
   */
  public static TextFormat parse(String format) {
    return new TextFormat(LogFields.parse(format));
  }

  @Override
  public void append(LogEntry entry, StringBuilder out) {
    LogFields.append(fields, entry, out);
  }
}
