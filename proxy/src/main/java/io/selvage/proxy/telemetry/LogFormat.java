package io.selvage.proxy.telemetry;

/** How an entry becomes a line. */
public sealed interface LogFormat permits TextFormat, JsonFormat {
  /** Appends the line with its line end. */
  void append(LogEntry entry, StringBuilder out);
}
