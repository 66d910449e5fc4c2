package io.selvage.proxy.telemetry;

import java.nio.charset.StandardCharsets;

/**
 * One configured access log: a line per request of HTTP, per connection of TCP. A line is made on
 * the event loop, while the message's bytes are still there, and written elsewhere.
 */
public final class AccessLog {
  private final LogFormat format;
  private final LineSink sink;

  /** A log that formats lines so and sends them there. */
  public AccessLog(LogFormat format, LineSink sink) {
    this.format = format;
    this.sink = sink;
  }

  /**
   * The log that a listener is configured with.
   *
   * @throws LogFormatException if the format has an operator that is not known
   */
  public static AccessLog of(io.selvage.xds.resource.AccessLog configured, LineSink sink) {
    LogFormat format =
        switch (configured.encoding()) {
          case TEXT ->
              configured.format().isEmpty()
                  ? TextFormat.istioDefault()
                  : TextFormat.parse(configured.format());
          case JSON ->
              configured.format().isEmpty()
                  ? JsonFormat.istioDefault()
                  : JsonFormat.parse(configured.format());
        };
    return new AccessLog(format, sink);
  }

  void requestCompleted(RequestRecord request) {
    write(new LogEntry(request.connection(), request));
  }

  void connectionCompleted(ConnectionRecord connection) {
    write(new LogEntry(connection, null));
  }

  private void write(LogEntry entry) {
    StringBuilder line = new StringBuilder(512);
    format.append(entry, line);
    sink.line(line.toString().getBytes(StandardCharsets.UTF_8));
  }
}
